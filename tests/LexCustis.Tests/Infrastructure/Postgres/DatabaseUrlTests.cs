using LexCustis.Infrastructure.Postgres;
using Npgsql;

namespace LexCustis.Tests.Infrastructure.Postgres;

public sealed class DatabaseUrlTests
{
    [Theory]
    [InlineData("postgres://ada:secret@db:5433/lex", "db", 5433, "ada", "secret", "lex")]
    [InlineData("postgresql://ada@db/lex", "db", 5432, "ada", null, "lex")]
    [InlineData("postgres://ada@db", "db", 5432, "ada", null, "ada")]
    [InlineData("postgres:///lex?host=/run/postgresql&user=ada", "/run/postgresql", 5432, "ada", null, "lex")]
    [InlineData("postgres://ada:p@/lex?host=/run/pg&port=5433", "/run/pg", 5433, "ada", "p", "lex")]
    [InlineData("postgres://ada@%2Frun%2Fpostgresql/lex", "/run/postgresql", 5432, "ada", null, "lex")]
    [InlineData("postgres://a%40b:p%3A%2F%3F%25%23w@db/l%20x", "db", 5432, "a@b", "p:/?%#w", "l x")]
    [InlineData("postgres://ada:a@b:c@db/lex", "db", 5432, "ada", "a@b:c", "lex")]
    [InlineData("postgres://ada:x;Host=evil@db/lex", "db", 5432, "ada", "x;Host=evil", "lex")]
    [InlineData("postgres://ada@[2001:db8::1]:5433/lex", "2001:db8::1", 5433, "ada", null, "lex")]
    [InlineData("postgres://ada@[::1]/lex", "::1", 5432, "ada", null, "lex")]
    [InlineData("postgres://ada@one:5433,two:5434/lex", "one:5433,two:5434", 5432, "ada", null, "lex")]
    [InlineData("postgres://db/lex?user=ada&password=p%26w", "db", 5432, "ada", "p&w", "lex")]
    [InlineData("postgres:///?dbname=lex&user=ada", "localhost", 5432, "ada", null, "lex")]
    public void Every_form_is_read_as_psql_reads_it(string text, string host, int port, string user, string? password, string database)
    {
        var read = Read(text);
        Assert.Equal((host, port, user, password, database), (read.Host, read.Port, read.Username, read.Password, read.Database));
    }

    [Theory]
    [InlineData("disable", SslMode.Disable)]
    [InlineData("allow", SslMode.Allow)]
    [InlineData("prefer", SslMode.Prefer)]
    [InlineData("require", SslMode.Require)]
    [InlineData("verify-ca", SslMode.VerifyCA)]
    [InlineData("verify-full", SslMode.VerifyFull)]
    public void Every_sslmode_is_known(string name, SslMode mode) => Assert.Equal(mode, Read($"postgres://a@h/d?sslmode={name}").SslMode);

    [Fact]
    public void Options_reach_the_driver()
    {
        var read = Read("postgres://a@h/d?connect_timeout=7&application_name=my%20app&target_session_attrs=read-write&sslrootcert=/ca.pem&pool_size=9");
        Assert.Equal((7, "my app", "read-write", "/ca.pem", 9), (read.Timeout, read.ApplicationName, read.TargetSessionAttributes, read.RootCertificate, read.MaxPoolSize));
    }

    [Theory]
    [InlineData("")]
    [InlineData("hunter2")]
    [InlineData("mysql://a:hunter2@h/d")]
    [InlineData("Host=h;Password=hunter2")]
    [InlineData("postgres://a:hunter2@h:0/d")]
    [InlineData("postgres://a:hunter2@h:65536/d")]
    [InlineData("postgres://a:hunter2@h:port/d")]
    [InlineData("postgres://a:hunter2@h/d?sslmode=maybe")]
    [InlineData("postgres://a:hunter2@h/d?connect_timeout=soon")]
    [InlineData("postgres://a:hunter2@h/d?surprise=1")]
    [InlineData("postgres://a:hunter2@h/d?target_session_attrs=sideways")]
    public void What_is_malformed_is_refused_without_repeating_the_password(string text)
    {
        Assert.False(DatabaseUrl.TryParse(text, out _, out var reason));
        Assert.NotEmpty(reason);
        Assert.DoesNotContain('\n', reason);
        Assert.DoesNotContain("hunter2", reason, StringComparison.Ordinal);
    }

    private static NpgsqlConnectionStringBuilder Read(string text)
    {
        Assert.True(DatabaseUrl.TryParse(text, out var url, out var reason), reason);
        return new NpgsqlConnectionStringBuilder(url.ConnectionString);
    }
}
