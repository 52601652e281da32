using LexCustis.Tests.Harness;
using Npgsql;

namespace LexCustis.Tests.Attacks;

/// <summary>The second wall: SQL of any kind under the application role, as if a statement had forgotten its own WHERE.</summary>
public sealed class RowLevelSecurityTests(SharedServer shared, OneAdmin one) : IClassFixture<OneAdmin>
{
    private const string TenantTables = """
        SELECT DISTINCT class.relname FROM pg_class AS class JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid
        WHERE class.relnamespace = 'public'::regnamespace AND class.relkind IN ('r', 'p')
          AND (attribute.attname = 'organization_id' OR class.relname = 'organizations') ORDER BY 1
        """;

    private TestDatabase Database => shared.Server.Database;

    [Fact]
    public async Task Every_tenant_table_has_row_level_security_and_a_policy()
    {
        await using var superuser = await OpenAsync(Database.ConnectionString());
        var tables = await ListAsync(superuser, TenantTables);
        Assert.Superset(new HashSet<string>(["organizations", "users", "audit_logs", "sessions", "api_keys", "conversations", "documents", "document_files", "document_passages"]), new HashSet<string>(tables));
        var guarded = await ListAsync(superuser, """
            SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relrowsecurity
              AND EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid) ORDER BY 1
            """);
        Assert.Equal(tables, guarded);
    }

    [Fact]
    public async Task The_application_role_owns_nothing_and_passes_no_wall()
    {
        await using var superuser = await OpenAsync(Database.ConnectionString());
        Assert.Equal(["false,false,false,false,false"], await ListAsync(superuser,
            "SELECT concat_ws(',', rolsuper::text, rolbypassrls::text, rolcreaterole::text, rolcreatedb::text, rolreplication::text) FROM pg_roles WHERE rolname = 'lexcustis'"));
        Assert.Empty(await ListAsync(superuser, "SELECT roleid::regrole::text FROM pg_auth_members WHERE member = 'lexcustis'::regrole"));
        Assert.Empty(await ListAsync(superuser, """
            SELECT relname::text FROM pg_class WHERE relowner = 'lexcustis'::regrole
            UNION ALL SELECT proname::text FROM pg_proc WHERE proowner = 'lexcustis'::regrole
            UNION ALL SELECT nspname::text FROM pg_namespace WHERE nspowner = 'lexcustis'::regrole
            UNION ALL SELECT datname::text FROM pg_database WHERE datdba = 'lexcustis'::regrole
            """));
        Assert.Equal(["false"], await ListAsync(superuser, "SELECT has_schema_privilege('lexcustis', 'public', 'CREATE')::text"));
    }

    [Fact]
    public async Task Outside_an_organization_no_tenant_row_is_visible()
    {
        var admin = await RegisterWithRowsAsync();
        await using var application = await OpenAsync(Application);
        foreach (var table in await ListAsync(application, TenantTables))
        {
            var (all, visible) = (await Database.ScalarAsync<long>($"SELECT count(*) FROM {table}"), await CountAsync(application, $"SELECT count(*) FROM {table}"));
            Assert.True(visible == 0, $"{visible} of {all} rows of {table} are visible outside an organization");
        }

        // Not by an empty, a malformed or a null organization either.
        await ExecuteAsync(application, "SELECT set_config('app.organization_id', '', false)");
        Assert.Equal(0, await CountAsync(application, "SELECT count(*) FROM users"));
        await ExecuteAsync(application, "SELECT set_config('app.organization_id', 'everyone', false)");
        Assert.Equal("22P02", await RefusalAsync(application, "SELECT count(*) FROM users"));
        Assert.NotEqual(0, await Database.ScalarAsync<long>($"SELECT count(*) FROM users WHERE organization_id = '{admin.OrganizationId}'"));
    }

    [Fact]
    public async Task Inside_one_organization_nothing_of_another_can_be_read_written_or_taken()
    {
        var (own, other) = (await RegisterWithRowsAsync(), await RegisterWithRowsAsync());
        await using var application = await OpenAsync(Application);
        await ExecuteAsync(application, $"SELECT set_config('app.organization_id', '{own.OrganizationId}', false)");
        foreach (var table in await ListAsync(application, TenantTables))
        {
            var column = table == "organizations" ? "id" : "organization_id";
            Assert.True(await CountAsync(application, $"SELECT count(*) FROM {table} WHERE {column} <> '{own.OrganizationId}'") == 0, $"foreign rows of {table} are visible");
            if (await CountAsync(application, $"SELECT has_table_privilege('{table}', 'UPDATE')::int::bigint") == 1)
            {
                Assert.True(await ExecuteAsync(application, $"UPDATE {table} SET {column} = {column} WHERE {column} = '{other.OrganizationId}'") == 0, $"foreign rows of {table} can be updated");
                if (await CountAsync(application, $"SELECT count(*) FROM {table}") > 0)
                    Assert.True(await RefusalAsync(application, $"UPDATE {table} SET {column} = '{other.OrganizationId}'") is "42501" or "23503" or "23505", $"rows of {table} can be given away");
            }

            if (await CountAsync(application, $"SELECT has_table_privilege('{table}', 'DELETE')::int::bigint") == 1)
                Assert.True(await ExecuteAsync(application, $"DELETE FROM {table} WHERE {column} = '{other.OrganizationId}'") == 0, $"foreign rows of {table} can be deleted");
        }

        Assert.Equal("42501", await RefusalAsync(application,
            $"INSERT INTO users (id, organization_id, email, role, password_hash, created_at) VALUES (gen_random_uuid(), '{other.OrganizationId}', 'planted@example.org', 'admin', 'x', now())"));
        Assert.Equal("42501", await RefusalAsync(application,
            $"INSERT INTO api_keys (id, organization_id, name, role, prefix, key_hash, created_by, created_at) VALUES (gen_random_uuid(), '{other.OrganizationId}', 'planted', 'admin', 'lxc_', sha256('x'), '{other.UserId}', now())"));
        // Nor a row that is its own and hangs on another's document.
        var foreign = await Database.ScalarAsync<Guid>($"SELECT id FROM documents WHERE organization_id = '{other.OrganizationId}'");
        Assert.Equal("23503", await RefusalAsync(application, $"""
            INSERT INTO document_passages (id, organization_id, document_id, position, heading, start_offset, end_offset, content)
            VALUES (gen_random_uuid(), '{own.OrganizationId}', '{foreign}', 99, '', 0, 1, 'x')
            """));
        Assert.Equal("42501", await RefusalAsync(application, $"""
            INSERT INTO audit_logs (organization_id, sequence, id, created_at, event_type, body, previous_hash, entry_hash)
            VALUES ('{other.OrganizationId}', 1000, gen_random_uuid(), now(), 'planted', '[]', sha256('x'), sha256('y'))
            """));
        await own.AssertLogIsCleanAsync();
        await other.AssertLogIsCleanAsync();
    }

    [Theory]
    [InlineData("UPDATE audit_logs SET body = body")]
    [InlineData("UPDATE audit_logs SET content = NULL WHERE false")]
    [InlineData("DELETE FROM audit_logs")]
    [InlineData("DELETE FROM audit_logs WHERE false")]
    [InlineData("TRUNCATE audit_logs")]
    [InlineData("TRUNCATE organizations CASCADE")]
    [InlineData("DROP TABLE audit_logs")]
    [InlineData("ALTER TABLE audit_logs DISABLE ROW LEVEL SECURITY")]
    [InlineData("DROP POLICY tenant ON audit_logs")]
    [InlineData("CREATE TABLE mine (x int)")]
    [InlineData("DELETE FROM users")]
    [InlineData("DELETE FROM subject_keys")]
    [InlineData("UPDATE document_files SET bytes = ''")]
    [InlineData("DELETE FROM document_files")]
    [InlineData("UPDATE document_passages SET content = 'another'")]
    [InlineData("UPDATE schema_migrations SET version = 1")]
    [InlineData("INSERT INTO knowledge_base_passages (id, page, title, heading, position, content) VALUES ('x', 'x', 'x', 'x', 1, 'x')")]
    [InlineData("SET ROLE lexcustis_owner")]
    [InlineData("COPY audit_logs TO PROGRAM 'true'")]
    public async Task The_application_role_may_not(string statement)
    {
        await using var application = await OpenAsync(Application);
        await ExecuteAsync(application, $"SELECT set_config('app.organization_id', '{one.Admin.OrganizationId}', false)");
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, await RefusalAsync(application, statement));
    }

    private string Application => Database.ConnectionString(Database.ApplicationUrl);

    /// <summary>An organization with a row in every table that a request can fill.</summary>
    private async Task<Api> RegisterWithRowsAsync()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        await admin.PostAsync("/api/api-keys", """{"name":"k"}""");
        Assert.True((await admin.ChatAsync("How long must providers keep logs?")).Done);
        await admin.UploadAndWaitAsync("rows.txt", "A document has a file and passages.");
        return admin;
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        return connection;
    }

    private static async Task<List<string>> ListAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var values = new List<string>();
        while (await reader.ReadAsync())
            values.Add(reader.GetString(0));
        return values;
    }

    private static async Task<long> CountAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<int> ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync();
    }

    /// <returns>The code that PostgreSQL refuses the statement with.</returns>
    private static async Task<string> RefusalAsync(NpgsqlConnection connection, string sql) =>
        (await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(connection, sql))).SqlState;
}
