using System.ComponentModel.DataAnnotations;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Audit;

/// <summary>How far it is; <c>total</c> is the log's last sequence.</summary>
internal sealed record ProgressFrame([AllowedValues("progress")] string Type, long Rows, long Total);

/// <summary>The end, when all is well or not.</summary>
internal sealed record ReportFrame([AllowedValues("report")] string Type, VerificationReport Report);

/// <summary>The log could not be read to its end.</summary>
internal sealed record VerificationErrorFrame([AllowedValues("error")] string Type, VerificationProblem Problem);

/// <summary>RFC 9457, within a stream.</summary>
internal sealed record VerificationProblem(string Type, string Title, int Status, string Detail);

/// <summary>
/// Recomputes the organization's whole log; that it was verified, and how that ended, is then an entry too. Whoever accepts
/// <c>text/event-stream</c> is told how far it is; the report is the last frame.
/// </summary>
internal static class VerifyLog
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    public static void Map(RouteGroupBuilder audit) => audit.MapPost("/verify", Handle)
        .AnswersEvents("VerificationFrame", typeof(ProgressFrame), typeof(ReportFrame), typeof(VerificationErrorFrame))
        .Answers(StatusCodes.Status503ServiceUnavailable, "The anchors cannot be read.");

    private static async Task<Results<Ok<VerificationReport>, EmptyHttpResult, ProblemHttpResult>> Handle(
        TenantContext tenant, HttpContext http, AuditVerifier verifier, AuditLog audit, AuditEntries entries, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (AcceptsEvents(http))
        {
            await StreamAsync(tenant, http, verifier, audit, entries, clock, cancellationToken);
            return TypedResults.Empty;
        }

        try
        {
            return TypedResults.Ok(await VerifyAsync(tenant, verifier, audit, entries, progress: null, cancellationToken));
        }
        catch (AnchorException away)
        {
            return Problems.Unavailable("The anchors cannot be read", away.Message);
        }
    }

    private static async Task<VerificationReport> VerifyAsync(
        TenantContext tenant, AuditVerifier verifier, AuditLog audit, AuditEntries entries, IProgress<VerificationProgress>? progress, CancellationToken cancellationToken)
    {
        var report = await verifier.VerifyAsync(tenant, progress, cancellationToken);
        await audit.AppendAsync(entries.Verified(tenant.OrganizationId, tenant.Actor, report.Rows, report.Valid));
        return report;
    }

    private static async Task StreamAsync(
        TenantContext tenant, HttpContext http, AuditVerifier verifier, AuditLog audit, AuditEntries entries, TimeProvider clock, CancellationToken cancellationToken)
    {
        var progress = new Latest();
        var verifying = VerifyAsync(tenant, verifier, audit, entries, progress, cancellationToken);
        try
        {
            await using var writer = new SseWriter(http, clock, KeepAlive);
            while (await Task.WhenAny(verifying, Task.Delay(Step, clock, cancellationToken)) != verifying)
                await WriteAsync(writer, progress.Value);
            try
            {
                var report = await verifying;
                await WriteAsync(writer, progress.Value);
                await writer.WriteAsync(new ReportFrame("report", report), AuditJson.Default.ReportFrame);
            }
            catch (Exception away) when (away is AnchorException || (http.Response.HasStarted && Problems.DatabaseIsAway(away)))
            {
                var detail = away is AnchorException ? away.Message : "The database cannot be reached just now. Verify again shortly.";
                await writer.WriteAsync(new VerificationErrorFrame("error", new VerificationProblem("about:blank", "The log could not be verified", 503, detail)),
                    AuditJson.Default.VerificationErrorFrame);
            }

            await writer.WriteDoneAsync();
        }
        finally
        {
            // A client that left has cancelled it; its connections go back before the request ends.
            await ((Task)verifying).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static ValueTask WriteAsync(SseWriter writer, VerificationProgress progress) =>
        writer.WriteAsync(new ProgressFrame("progress", progress.Rows, progress.Total), AuditJson.Default.ProgressFrame);

    private static bool AcceptsEvents(HttpContext http) =>
        http.Request.GetTypedHeaders().Accept.Any(static accepted => accepted.MediaType.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase));

    private sealed class Latest : IProgress<VerificationProgress>
    {
        private readonly Lock gate = new();
        private VerificationProgress value;

        public VerificationProgress Value
        {
            get
            {
                lock (gate)
                    return value;
            }
        }

        void IProgress<VerificationProgress>.Report(VerificationProgress progress)
        {
            lock (gate)
                value = progress;
        }
    }
}
