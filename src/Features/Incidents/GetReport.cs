using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text;
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
            await LinkedEntry.ListAsync(transaction, incident, cancellationToken),
            await IncidentEvidence.ListAsync(transaction, id, cancellationToken), await IncidentEvent.ListAsync(transaction, incident, cancellationToken));
        http.Response.Headers.ContentSecurityPolicy = $"default-src 'none'; style-src {IncidentReport.StyleSource}; sandbox allow-modals";
        return TypedResults.File(
            Encoding.UTF8.GetBytes(format == "md" ? report.ToMarkdown() : report.ToHtml()),
            format == "md" ? "text/markdown; charset=utf-8" : "text/html; charset=utf-8", $"incident-{id}.{format}");
    }
}
