using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Configuration;
using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Commands;

/// <summary>
/// Verifies from the rows alone, with the application role: exit 0 when every log is clean, 1 when any is not. Logs are held against the
/// checkpoints in the database and in a directory of anchors, and an anchored organization that is gone is missed. Each verification is an
/// entry in the log that it read.
/// </summary>
internal static class VerifyAudit
{
    public static async Task<int> RunAsync(EnvironmentReader environment, string[] options)
    {
        Guid? only = null;
        string? anchors = null;
        for (var rest = options.AsSpan(); rest.Length > 0; rest = rest[2..])
        {
            if (rest is ["--organization", var id, ..] && only is null && Guid.TryParse(id, out var organization))
                only = organization;
            else if (rest is ["--anchors", { Length: > 0 } directory, ..] && anchors is null)
                anchors = directory;
            else
                return CommandLine.Complain($"verify-audit does not take '{string.Join(' ', options)}': use --organization with an organization's id, --anchors with a directory.", CommandLine.WrongUse);
        }

        if (anchors is not null && !Directory.Exists(anchors))
            return CommandLine.Complain($"--anchors: there is no directory {anchors}.", CommandLine.WrongUse);

        var database = Settings.ReadDatabase(environment, Settings.DatabaseVariable);
        var masterKeys = Settings.ReadMasterKeys(environment);
        var checkpoints = CheckpointSettingsReader.ReadForVerifying(environment, anchors);
        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddPostgres(database).AddAuditLog(masterKeys, checkpoints);
        await using var provider = services.BuildServiceProvider();
        try
        {
            return await VerifyAsync(provider, checkpoints, only);
        }
        catch (AnchorException away)
        {
            return CommandLine.Complain(away.Message, CommandLine.Failed);
        }
    }

    private static async Task<int> VerifyAsync(ServiceProvider provider, CheckpointSettings checkpoints, Guid? only)
    {
        var verifier = provider.GetRequiredService<AuditVerifier>();
        var known = await provider.GetRequiredService<TenantDirectory>().ListOrganizationsAsync(CancellationToken.None);
        var anchored = AnchorException.Guard(() => checkpoints.Anchors?.ListOrganizations(checkpoints.Keys) ?? []);
        var organizations = known.Union(anchored).Order().ToList();
        if (only is { } wanted)
        {
            if (!organizations.Contains(wanted))
                return CommandLine.Complain($"there is no organization {wanted} in this database.", CommandLine.Failed);
            organizations = [wanted];
        }

        var clean = true;
        foreach (var organization in organizations)
        {
            VerificationReport report;
            using (var bar = ProgressBar.OnTerminal())
                report = await verifier.VerifyAsync(organization, bar, CancellationToken.None);

            // A log that is gone is not begun anew by an entry about its being gone.
            if (!report.Findings.Any(static finding => finding.Verdict == ChainVerdict.OrganizationMissing))
            {
                await provider.GetRequiredService<AuditLog>().AppendAsync(
                    provider.GetRequiredService<AuditEntries>().Verified(organization, actor: null, report.Rows, report.Valid));
            }

            clean &= report.Valid;
            Print(report);
        }

        return clean ? CommandLine.Fine : CommandLine.Failed;
    }

    private static void Print(VerificationReport report)
    {
        var verdict = report.Valid ? "clean" : "NOT CLEAN";
        var older = report.PreviousKey > 0 ? $", {report.PreviousKey} under a previous key" : "";
        var checkpoints = report.Checkpoints is { Stored: > 0 } or { Anchored: > 0 }
            ? $"  {report.Checkpoints.Stored} checkpoints, {report.Checkpoints.Anchored} anchors{(report.Checkpoints.Unverified > 0 ? $", {report.Checkpoints.Unverified} under unknown keys" : "")}"
            : "";
        Console.Out.WriteLine($"{report.OrganizationId}  {report.Rows} entries{older}{checkpoints}  head {report.Head.EntryHash}  {verdict}");
        foreach (var finding in report.Findings)
            Console.Out.WriteLine($"  {finding.Verdict}: {finding.Count}, first at sequence {finding.FirstSequence}");
    }
}
