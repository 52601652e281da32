using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Incidents;
using LexCustis.Infrastructure.Organizations;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Incidents;

/// <summary>A draft of the report that Art. 73 asks for, from what the register and the log hold. What they don't hold is left blank, to be filled in.</summary>
internal static class GetReport
{
    public static void Map(RouteGroupBuilder read) => read.MapGet("/{id:guid}/report", Handle).AnswersFile("text/markdown", "text/html");

    private static async Task<Results<FileContentHttpResult, ValidationProblem, ProblemHttpResult>> Handle(
        Guid id, [Description("The form of the draft; `md` when absent."), AllowedValues("md", "html")] string? format, HttpContext http, TenantContext tenant, TenantDatabase database, TimeProvider clock, CancellationToken cancellationToken)
    {
        format ??= "md";
        var check = new RequestCheck().Require(format is "md" or "html", "format", "Use md or html.");
        if (check.Failed)
            return check.Problem();

        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        if (await Incident.FindAsync(transaction, id, reporter: null, cancellationToken) is not { } incident)
            return Problems.NotFound("incident");

        var report = new IncidentReport(
            (await OrganizationSettings.ReadAsync(transaction, cancellationToken)).Name, incident, clock.GetUtcNow(),
            await ReadLinksAsync(transaction, incident, cancellationToken),
            await IncidentEvidence.ListAsync(transaction, id, cancellationToken), await IncidentEvent.ListAsync(transaction, incident, cancellationToken));
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-modals";
        return TypedResults.File(
            Encoding.UTF8.GetBytes(format == "md" ? report.ToMarkdown() : report.ToHtml()),
            format == "md" ? "text/markdown; charset=utf-8" : "text/html; charset=utf-8", $"incident-{id}.{format}");
    }

    private static Task<List<LinkedEntry>> ReadLinksAsync(TenantTransaction transaction, Incident incident, CancellationToken cancellationToken) => transaction.ListAsync(
        "SELECT id, sequence, created_at, event_type, body, entry_hash FROM audit_logs WHERE organization_id = $1 AND id = ANY($2) ORDER BY sequence",
        [transaction.OrganizationId, incident.AuditLogIds],
        static row =>
        {
            var data = EntryData.Of(row.GetString(4));
            return new LinkedEntry(
                row.GetGuid(0), row.GetInt64(1), row.GetTime(2), row.GetString(3), Text(data, "provider"), Text(data, "model"), Text(data, "region"),
                Convert.ToHexStringLower(row.GetFieldValue<byte[]>(5)));
        }, cancellationToken);

    private static string? Text(JsonElement data, string name) =>
        data.ValueKind == JsonValueKind.Object && data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <param name="Region">Where the data of the turn went.</param>
internal sealed record LinkedEntry(
    Guid Id, long Sequence, DateTimeOffset At, string EventType, string? Provider, string? Model, string? Region, string EntryHash);
