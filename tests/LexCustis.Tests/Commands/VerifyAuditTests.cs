using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Commands;

public sealed class VerifyAuditTests(SharedServer shared)
{
    [Fact]
    public async Task Every_organization_has_a_line_and_one_that_is_not_clean_fails_the_whole()
    {
        await using var database = await TestDatabase.CreateAsync();
        var environment = LexCustisServer.DefaultEnvironment(database);
        Assert.Equal((0, "", ""), await Binary.RunAsync(["verify-audit"], environment));

        Guid[] organizations = [.. Enumerable.Range(0, 3).Select(static _ => Guid.CreateVersion7()).Order()];
        await using (var log = new OpenLog(database.ApplicationUrl))
        {
            foreach (var organization in organizations)
            {
                await log.Log.AppendAsync(log.Event(organization, 1));
                await log.Log.AppendAsync(log.Event(organization, 2));
            }
        }

        var (exit, output, error) = await Binary.RunAsync(["verify-audit"], environment);
        Assert.Equal((0, ""), (exit, error));
        Assert.Equal(organizations, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line =>
        {
            Assert.Matches("  2 entries  head [0-9a-f]{64}  clean$", line);
            return Guid.Parse(line[..36]);
        }).Order());

        await database.ExecuteAsync($"UPDATE audit_logs SET body = '{{}}' WHERE organization_id = '{organizations[1]}' AND sequence = 2");
        (exit, output, _) = await Binary.RunAsync(["verify-audit"], environment);
        Assert.Equal(1, exit);
        // Each verification is an entry, of nobody in particular: two events and the first verification.
        Assert.Equal(2, output.Split('\n').Count(static line => line.Contains("  3 entries", StringComparison.Ordinal) && line.EndsWith("  clean", StringComparison.Ordinal)));
        Assert.Contains("NOT CLEAN\n  hash_mismatch: 1, first at sequence 2\n", output, StringComparison.Ordinal);
        Assert.Equal(6, await database.ScalarAsync<long>("SELECT count(*) FROM audit_logs WHERE event_type = 'audit.verified' AND user_id IS NULL"));

        Assert.Equal(0, (await Binary.RunAsync(["verify-audit", "--organization", organizations[0].ToString()], environment)).ExitCode);
        Assert.Equal(1, (await Binary.RunAsync(["verify-audit", "--organization", organizations[1].ToString()], environment)).ExitCode);
    }

    [Fact]
    public async Task An_organization_that_is_not_there_is_said_to_be_unknown()
    {
        var unknown = Guid.CreateVersion7();
        var (exit, output, error) = await Binary.RunAsync(["verify-audit", "--organization", unknown.ToString()], shared.Server.Environment);
        Assert.Equal((1, ""), (exit, output));
        Assert.Contains($"there is no organization {unknown}", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--organization")]
    [InlineData("--organization", "all")]
    [InlineData("--organisation", "018f4e6a-7c1b-7a52-9d3e-0b5a6c7d8e9f")]
    [InlineData("--organization", "018f4e6a-7c1b-7a52-9d3e-0b5a6c7d8e9f", "--more")]
    [InlineData("--organization", "018f4e6a-7c1b-7a52-9d3e-0b5a6c7d8e9f", "--organization", "018f4e6a-7c1b-7a52-9d3e-0b5a6c7d8e9f")]
    [InlineData("--anchors")]
    [InlineData("--anchors", "")]
    public async Task Wrong_options_are_wrong_use(params string[] options)
    {
        var (exit, output, error) = await Binary.RunAsync(["verify-audit", .. options], shared.Server.Environment);
        Assert.Equal((2, ""), (exit, output));
        Assert.Contains("--organization", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_of_anchors_that_is_not_there_is_named()
    {
        var (exit, output, error) = await Binary.RunAsync(["verify-audit", "--anchors", "/nowhere"], shared.Server.Environment);
        Assert.Equal((2, "", "lexcustis: --anchors: there is no directory /nowhere.\n"), (exit, output, error));
    }

    [Theory]
    [InlineData("LEXCUSTIS_DATABASE_URL", null)]
    [InlineData("LEXCUSTIS_DATABASE_URL", "mysql://here")]
    [InlineData("LEXCUSTIS_MASTER_KEYS", null)]
    [InlineData("LEXCUSTIS_MASTER_KEYS", "k1:short")]
    public async Task A_setting_that_is_missing_or_wrong_is_named_in_one_line(string name, string? value)
    {
        var environment = new Dictionary<string, string>(shared.Server.Environment);
        environment.Remove(name);
        if (value is not null)
            environment.Add(name, value);

        var (exit, _, error) = await Binary.RunAsync(["verify-audit"], environment);
        Assert.Equal(2, exit);
        Assert.StartsWith($"lexcustis: {name}", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task A_database_that_does_not_answer_is_a_clear_error()
    {
        var environment = new Dictionary<string, string>(shared.Server.Environment)
        {
            ["LEXCUSTIS_DATABASE_URL"] = $"postgres://lexcustis:x@127.0.0.1:{Binary.FreePort()}/nowhere",
        };
        var (exit, _, error) = await Binary.RunAsync(["verify-audit"], environment);
        Assert.Equal(1, exit);
        Assert.StartsWith("lexcustis: PostgreSQL cannot be reached", error, StringComparison.Ordinal);
    }
}
