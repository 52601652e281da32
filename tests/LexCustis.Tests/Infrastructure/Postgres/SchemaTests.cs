using LexCustis.Infrastructure.Postgres;
using LexCustis.Tests.Harness;
using Npgsql;

namespace LexCustis.Tests.Infrastructure.Postgres;

public sealed class SchemaTests
{
    [Fact]
    public async Task Migrating_twice_does_nothing_the_second_time()
    {
        await using var database = await TestDatabase.CreateEmptyAsync();
        var (exit, output, error) = await MigrateAsync(database);
        Assert.True(exit == 0, error);
        Assert.StartsWith("migrated to 1 (foundation)\n", output, StringComparison.Ordinal);
        Assert.EndsWith($"schema version {Schema.Version}\n", output, StringComparison.Ordinal);
        var state = await DescribeAsync(database);

        Assert.Equal((0, $"schema version {Schema.Version}\n", ""), await MigrateAsync(database));
        Assert.Equal(state, await DescribeAsync(database));
    }

    [Fact]
    public async Task Four_processes_at_once_migrate_once()
    {
        await using var database = await TestDatabase.CreateEmptyAsync();
        var runs = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => MigrateAsync(database)));

        Assert.All(runs, static run => Assert.True(run.ExitCode == 0, run.Error));
        Assert.Single(runs, static run => run.Output.Contains("migrated to 1 ", StringComparison.Ordinal));
        Assert.Equal(Schema.Migrations.Count, await database.ScalarAsync<long>("SELECT count(*) FROM schema_migrations"));
    }

    [Fact]
    public async Task A_migration_whose_text_has_changed_is_refused()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync("UPDATE schema_migrations SET digest = sha256('another text') WHERE version = 1");

        var (exit, _, error) = await MigrateAsync(database);
        Assert.Equal(1, exit);
        Assert.Equal("lexcustis: Migration 1 (foundation) was applied from another text than this binary has: add a new migration instead of changing an old one.\n", error);
    }

    [Fact]
    public async Task A_newer_schema_that_breaks_is_refused_by_both_and_nothing_is_changed()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync("INSERT INTO schema_migrations (version, name, breaking, digest) VALUES (998, 'later', true, ''), (999, 'last', false, '')");
        var state = await DescribeAsync(database);

        var (exit, _, error) = await MigrateAsync(database);
        Assert.Equal(1, exit);
        Assert.Equal($"lexcustis: The database is at version 998 (later), newer than this binary's {Schema.Version} and not compatible with it: run the newer binary.\n", error);
        Assert.Equal(state, await DescribeAsync(database));

        (exit, _, error) = await Binary.RunAsync([], LexCustisServer.DefaultEnvironment(database));
        Assert.Equal(1, exit);
        Assert.Contains("run the newer binary", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task A_newer_schema_that_does_not_break_is_fine_with_both()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync("INSERT INTO schema_migrations (version, name, breaking, digest) VALUES (999, 'later', false, '')");

        Assert.Equal(0, (await MigrateAsync(database)).ExitCode);
        await using var server = await LexCustisServer.StartAsync(database: database);
        var admin = await Api.RegisterAsync(server);
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task A_database_that_was_never_migrated_says_so()
    {
        await using var database = await TestDatabase.CreateEmptyAsync();
        var (exit, output, error) = await Binary.RunAsync([], LexCustisServer.DefaultEnvironment(database));

        Assert.Equal((1, ""), (exit, output));
        Assert.Contains("run `lexcustis migrate`", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_nothing()
    {
        await using var database = await TestDatabase.CreateEmptyAsync();
        // In the way of a later statement of the first migration.
        await TestDatabase.ExecuteAsync(database.ConnectionString(database.OwnerUrl), "CREATE TABLE audit_log_oversight (x integer)");

        var (exit, _, error) = await MigrateAsync(database);
        Assert.Equal(1, exit);
        Assert.Contains("42P07", error, StringComparison.Ordinal);
        Assert.Equal("audit_log_oversight,schema_migrations", await database.ScalarAsync<string>("SELECT string_agg(tablename, ',' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'"));

        await TestDatabase.ExecuteAsync(database.ConnectionString(database.OwnerUrl), "DROP TABLE audit_log_oversight");
        Assert.Equal(0, (await MigrateAsync(database)).ExitCode);
    }

    [Fact]
    public async Task The_application_role_has_just_the_privileges_that_it_needs()
    {
        await using var database = await TestDatabase.CreateAsync();
        var privileges = await ListAsync(database, """
            SELECT table_name || ' ' || string_agg(privilege_type, ',' ORDER BY privilege_type)
            FROM information_schema.table_privileges WHERE grantee = 'lexcustis' AND table_schema = 'public' GROUP BY table_name ORDER BY table_name
            """);
        Assert.Equal(
            [
                "api_keys INSERT,SELECT,UPDATE",
                "audit_checkpoints INSERT,SELECT",
                "audit_log_oversight INSERT,SELECT,UPDATE",
                "audit_logs INSERT,SELECT",
                "audit_tree_nodes INSERT,SELECT",
                "chat_turns DELETE,INSERT,SELECT,UPDATE",
                "conversations DELETE,INSERT,SELECT,UPDATE",
                "document_files INSERT,SELECT",
                "document_passages DELETE,INSERT,SELECT",
                "document_vectors DELETE,INSERT,SELECT,UPDATE",
                "documents DELETE,INSERT,SELECT,UPDATE",
                "dossier_signatures INSERT,SELECT",
                "incident_evidence INSERT,SELECT",
                "incidents INSERT,SELECT,UPDATE",
                "knowledge_base_passages SELECT",
                "knowledge_base_vectors DELETE,INSERT,SELECT,UPDATE",
                "missing_vectors DELETE,INSERT,SELECT,UPDATE",
                "monitoring_checks INSERT,SELECT",
                "monitoring_stretches INSERT,SELECT",
                "organizations INSERT,SELECT,UPDATE",
                "passage_statistics SELECT",
                "passage_vectors DELETE,INSERT,SELECT,UPDATE",
                "passage_words SELECT",
                "refresh_tokens INSERT,SELECT,UPDATE",
                "schema_migrations SELECT",
                "sessions INSERT,SELECT,UPDATE",
                "subject_keys INSERT,SELECT,UPDATE",
                "system_card_attestations INSERT,SELECT",
                "users INSERT,SELECT,UPDATE",
                "vector_removals DELETE,INSERT,SELECT,UPDATE",
            ], privileges);

        // Nothing for everyone, nothing by a column, nothing owned, no way to make something.
        Assert.Empty(await ListAsync(database, "SELECT table_name || ' ' || privilege_type FROM information_schema.table_privileges WHERE grantee = 'PUBLIC' AND table_schema = 'public'"));
        Assert.Empty(await ListAsync(database, """
            SELECT c.table_name || '.' || c.column_name || ' ' || c.privilege_type FROM information_schema.column_privileges c
            WHERE c.grantee IN ('lexcustis', 'PUBLIC') AND c.table_schema = 'public' AND NOT EXISTS (
                SELECT FROM information_schema.table_privileges t WHERE t.grantee = c.grantee AND t.table_name = c.table_name AND t.privilege_type = c.privilege_type)
            """));
        Assert.Empty(await ListAsync(database, "SELECT relname::text FROM pg_class WHERE relowner = 'lexcustis'::regrole UNION ALL SELECT proname::text FROM pg_proc WHERE proowner = 'lexcustis'::regrole"));
        Assert.Equal(["f f f"], await ListAsync(database, """
            SELECT rolsuper::text::char || ' ' || rolbypassrls::text::char || ' ' || has_schema_privilege('lexcustis', 'public', 'CREATE')::text::char FROM pg_roles WHERE rolname = 'lexcustis'
            """));
    }

    [Fact]
    public async Task Every_table_of_a_tenant_is_behind_row_level_security()
    {
        await using var database = await TestDatabase.CreateAsync();
        Assert.Equal(
            ["knowledge_base_passages", "knowledge_base_vectors", "schema_migrations"],
            await ListAsync(database, "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND NOT relrowsecurity ORDER BY 1"));

        var organization = Guid.CreateVersion7();
        await using (var log = new OpenLog(database.ApplicationUrl))
            await log.Log.AppendAsync(log.Event(organization, 1));
        var application = database.ConnectionString(database.ApplicationUrl);
        foreach (var (entered, visible) in new[] { ("", 0), (Guid.CreateVersion7().ToString(), 0), (organization.ToString(), 1) })
        {
            await TestDatabase.ExecuteAsync(application, $"""
                DO $$ BEGIN
                    PERFORM set_config('app.organization_id', '{entered}', true);
                    ASSERT (SELECT count(*) FROM audit_logs) = {visible};
                END $$
                """);
        }

        // Writing into another organization's log is refused too, not only reading it.
        var refused = await Assert.ThrowsAsync<PostgresException>(() => TestDatabase.ExecuteAsync(application, $"""
            DO $$ BEGIN
                PERFORM set_config('app.organization_id', '{Guid.CreateVersion7()}', true);
                INSERT INTO audit_logs VALUES ('{organization}', 2, gen_random_uuid(), now(), 'x', NULL, '', NULL, NULL, sha256(''), sha256(''));
            END $$
            """));
        Assert.Equal("42501", refused.SqlState);
    }

    private static Task<(int ExitCode, string Output, string Error)> MigrateAsync(TestDatabase database) =>
        Binary.RunAsync(["migrate"], new() { ["LEXCUSTIS_MIGRATION_DATABASE_URL"] = database.OwnerUrl });

    /// <summary>Every table's and function's privileges, and how many rows the shared tables have.</summary>
    private static async Task<string> DescribeAsync(TestDatabase database) => string.Join('\n', await ListAsync(database, """
        SELECT relname::text || relkind::text || coalesce(relacl::text, '') FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT proname::text || coalesce(proacl::text, '') FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT version || name || applied_at FROM schema_migrations
        UNION ALL SELECT id || md5(content) FROM knowledge_base_passages
        ORDER BY 1
        """));

    private static async Task<List<string>> ListAsync(TestDatabase database, string sql)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(reader.GetString(0));
        return rows;
    }
}
