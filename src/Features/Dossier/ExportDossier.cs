using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using LexCustis.Infrastructure.Zip;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace LexCustis.Features.Dossier;

/// <summary>
/// The dossier of a time, streamed as one zip in constant memory. Everything in it comes from one snapshot of the database, so that the same
/// state and the same range give the same bytes; that it was exported is recorded after the snapshot and before the first byte leaves.
/// </summary>
internal static class ExportDossier
{
    private const int MaximumReason = 1_000;

    private static readonly string[] TimeFormats = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>A client that reads more slowly is cut off: a snapshot that is held for days keeps PostgreSQL from cleaning up.</summary>
    private static readonly MinDataRate SlowestClient = new(bytesPerSecond: 8 * 1024, gracePeriod: TimeSpan.FromSeconds(30));

    public static void Map(RouteGroupBuilder dossier) => dossier.MapGet("/", Handle).RequireAuthorization(Policies.Audits)
        .AnswersFile("application/zip")
        .Answers(StatusCodes.Status409Conflict, "This server has no key to sign a dossier with.")
        .Answers(StatusCodes.Status503ServiceUnavailable, "As many dossiers as this server makes at a time are being made, the log is not signed up to there, or the anchors cannot be read.");

    private static async Task<Results<EmptyHttpResult, ValidationProblem, ProblemHttpResult>> Handle(
        [Description("Entries at or after this time (RFC 3339) or date (UTC); from the first one when absent.")] string? from,
        [Description("Entries before this time or date; until now when absent.")] string? to,
        [Description("Whether what people said is in it; `omitted` when absent."), AllowedValues("omitted", "included")] string? content,
        [Description("Why; needed where content is included, and recorded."), StringLength(MaximumReason)] string? reason, TenantContext tenant, HttpContext http, DossierDesk desk, DossierWriter writer, TenantDatabase database,
        Checkpointer checkpointer, TimeProvider clock, CancellationToken cancellationToken)
    {
        var now = AuditEncoder.Microseconds(clock.GetUtcNow());
        var begin = from is null ? null : ReadTime(from);
        var end = to is null ? now : ReadTime(to);
        var check = new RequestCheck()
            .Require(from is null || begin is not null, "from", "Use an RFC 3339 time or a date.")
            .Require(end is not null, "to", "Use an RFC 3339 time or a date.")
            .Require(end is null || end <= now, "to", "Use a time that has passed: what is still to come cannot be in a dossier.")
            .Require(begin is null || end is null || begin < end, "from", "Use a time before to.")
            .Require(content is null or "omitted" or "included", "content", "Use omitted or included.")
            .Require(reason is null || (reason.Length <= MaximumReason && StorableText.Holds(reason)), "reason", $"Use at most {MaximumReason} characters.")
            .Require(content is not "included" || !string.IsNullOrWhiteSpace(reason), "reason", "Say why the dossier needs what people said: personal content is included for a reason alone.");
        if (check.Failed)
            return check.Problem();

        // Whether the caller still stands, before anything is made for them.
        await (await database.BeginAsync(tenant, cancellationToken)).DisposeAsync();
        if (!checkpointer.Enabled)
            return Problems.Conflict("A dossier is signed, and this server has no key for it: LEXCUSTIS_CHECKPOINT_KEY_FILE is not set. Ask whoever runs the server to set it.");

        using var place = desk.TryEnter();
        if (place is null)
        {
            http.Response.Headers.RetryAfter = "30";
            return Problems.Unavailable("Other dossiers are being made", $"This server makes {DossierDesk.Places} dossiers at a time: try again in half a minute.");
        }

        // Before the snapshot, so that it is in it: a root that covers the range's last entry.
        var outcome = await checkpointer.TakeAsync(tenant.OrganizationId, cancellationToken);
        await using var snapshot = await database.BeginSnapshotAsync(tenant, cancellationToken);
        var range = await DossierRange.ReadAsync(snapshot, begin, end!.Value, content is "included", cancellationToken);
        PreparedDossier? dossier;
        try
        {
            dossier = await writer.PrepareAsync(snapshot, range, cancellationToken);
        }
        catch (AnchorException away)
        {
            return Problems.Unavailable("The anchors cannot be read", away.Message);
        }

        if (dossier is null)
            return Problems.Unavailable("The log is not signed up to there", outcome.Refusal?.Detail ?? "There is no checkpoint that covers the range: try again in a minute.");

        await writer.RecordAsync(tenant, range, reason?.Trim(), cancellationToken);
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            rate.MinDataRate = SlowestClient;
        http.Response.ContentType = "application/zip";
        http.Response.Headers.ContentDisposition = string.Create(CultureInfo.InvariantCulture,
            $"attachment; filename=\"dossier-{range.Organization}-{range.From.UtcDateTime:yyyyMMdd}-{range.To.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}.zip\"");
        using var zip = new ZipStream(http.Response.BodyWriter, cancellationToken);
        await writer.WriteAsync(snapshot, dossier, new DossierArchive(zip), cancellationToken);
        return TypedResults.Empty;
    }

    private static DateTimeOffset? ReadTime(string text) =>
        DateTimeOffset.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? AuditEncoder.Microseconds(time)
            : null;
}

/// <summary>Where dossiers are made, a few at a time: each holds two connections and a snapshot.</summary>
internal sealed class DossierDesk
{
    public const int Places = 2;

    private int taken;

    /// <returns>Null when every place is taken; disposing gives it back.</returns>
    public IDisposable? TryEnter()
    {
        if (Interlocked.Increment(ref taken) <= Places)
            return new Place(this);
        Interlocked.Decrement(ref taken);
        return null;
    }

    private sealed class Place(DossierDesk desk) : IDisposable
    {
        private int left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 1) == 0)
                Interlocked.Decrement(ref desk.taken);
        }
    }
}
