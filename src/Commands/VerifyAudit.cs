using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Configuration;
using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Commands;

/// <summary>
/// Verifies from the rows alone, with the application role: exit 0 when every log is clean, 1 when any is not. Each verification is an entry
/// in the log that it read.
/// </summary>
internal static class VerifyAudit
{
    public static async Task<int> RunAsync(EnvironmentReader environment, string[] options)
    {
        Guid? only = null;
        switch (options)
        {
            case []:
                break;
            case ["--organization", var id] when Guid.TryParse(id, out var organization):
                only = organization;
                break;
            default:
                return CommandLine.Complain($"verify-audit does not take '{string.Join(' ', options)}': use --organization with an organization's id.", CommandLine.WrongUse);
        }

        var database = Settings.ReadDatabase(environment, Settings.DatabaseVariable);
        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddPostgres(database).AddAuditLog(Settings.ReadMasterKeys(environment));
        await using var provider = services.BuildServiceProvider();
        var verifier = provider.GetRequiredService<AuditVerifier>();
        var organizations = await provider.GetRequiredService<TenantDirectory>().ListOrganizationsAsync(CancellationToken.None);
        if (only is { } wanted)
        {
            if (!organizations.Contains(wanted))
                return CommandLine.Complain($"there is no organization {wanted} in this database.", CommandLine.Failed);
            organizations = [wanted];
        }

        var clean = true;
        foreach (var organization in organizations)
        {
            var report = await verifier.VerifyAsync(organization, CancellationToken.None);
            await provider.GetRequiredService<AuditLog>().AppendAsync(
                provider.GetRequiredService<AuditEntries>().Verified(organization, actor: null, report.Rows, report.Valid));
            clean &= report.Valid;
            Print(report);
        }

        return clean ? CommandLine.Fine : CommandLine.Failed;
    }

    private static void Print(VerificationReport report)
    {
        var verdict = report.Valid ? "clean" : "NOT CLEAN";
        var older = report.PreviousKey > 0 ? $", {report.PreviousKey} under a previous key" : "";
        Console.Out.WriteLine($"{report.OrganizationId}  {report.Rows} entries{older}  head {report.Head.EntryHash}  {verdict}");
        foreach (var finding in report.Findings)
            Console.Out.WriteLine($"  {finding.Verdict}: {finding.Count}, first at sequence {finding.FirstSequence}");
    }
}
