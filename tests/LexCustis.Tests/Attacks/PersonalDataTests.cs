using System.Text;
using LexCustis.Infrastructure.Redis;
using LexCustis.Tests.Harness;
using Microsoft.Extensions.Logging.Abstractions;

namespace LexCustis.Tests.Attacks;

/// <summary>What a person types is readable in one place only: the encrypted content of the turn's entry.</summary>
public sealed class PersonalDataTests(SharedServer shared)
{
    private const string Email = "zora.quist-81723@example.org";
    private const string Iban = "BE68 5390 0754 7034";
    private const string Secret = "the-password-is-Vogelbeere-81723";
    private static readonly string[] Raw = [Email, "quist-81723", Iban, Iban.Replace(" ", ""), Secret, "Vogelbeere"];

    [Fact]
    public async Task Personal_data_is_counted_and_stands_nowhere_in_the_clear()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        await using var upstream = await ScriptedUpstream.StartAsync();
        await admin.UseUpstreamAsync(upstream.Next(Reply.Tokens("I wrote to ", Email, ".")));

        var turn = await admin.ChatAsync($"Write to {Email} and pay to {Iban}. {Secret}.");

        var pii = turn.Frame("compliance").GetProperty("pii");
        Assert.Contains(pii.GetProperty("input").EnumerateArray(), static finding => finding.Text("type") == "email" && finding.Text("checksum") == "none");
        Assert.Contains(pii.GetProperty("input").EnumerateArray(), static finding =>
            finding.Text("type") == "iban" && finding.Text("checksum") == "valid" && finding.Text("country") == "BE");
        Assert.Equal("email", Assert.Single(pii.GetProperty("output").EnumerateArray()).Text("type"));
        Assert.All(Raw, value => Assert.DoesNotContain(value, turn.Frame("compliance").GetRawText(), StringComparison.OrdinalIgnoreCase));

        var entry = await admin.ReadEntryAsync(turn);
        var counts = entry.GetProperty("data").GetProperty("pii");
        Assert.Equal((2, 1), (counts.GetProperty("email").GetInt32(), counts.GetProperty("iban").GetInt32()));
        Assert.Equal(turn.Frame("audit").Text("id"), Assert.Single(await admin.ReadLogAsync("&flag=pii")).Text("id"));
        // It is there for those who may read it.
        Assert.All([Email, Iban, Secret], value => Assert.Contains(value, entry.GetProperty("content").Text("message"), StringComparison.Ordinal));

        await AssertNowhereInTheDatabaseAsync();
        await AssertNowhereInRedisAsync();
        Assert.All(Raw, value => Assert.DoesNotContain(value, shared.Server.Process.Log, StringComparison.OrdinalIgnoreCase));
        await admin.AssertLogIsCleanAsync();
    }

    /// <summary>Every row of every table as text, and its bytes both as hexadecimal and as they are.</summary>
    private async Task AssertNowhereInTheDatabaseAsync()
    {
        var tables = (await shared.Server.Database.ScalarAsync<string>("""
            SELECT string_agg(format('%I.%I', table_schema, table_name), ' ' ORDER BY table_name) FROM information_schema.tables
            WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'
            """))!.Split(' ');
        Assert.Contains("public.audit_logs", tables);
        foreach (var table in tables)
        {
            foreach (var value in Raw)
            {
                var hex = Convert.ToHexStringLower(Encoding.UTF8.GetBytes(value));
                var found = await shared.Server.Database.ScalarAsync<long>(
                    $"SELECT count(*) FROM {table} AS whole WHERE whole::text ILIKE '%{value}%' OR whole::text LIKE '%{hex}%'");
                Assert.True(found == 0, $"{value} is in {table}");
            }
        }
    }

    private static async Task AssertNowhereInRedisAsync()
    {
        var url = RedisUrl.Parse(Environment.GetEnvironmentVariable("LEXCUSTIS_TEST_REDIS_URL")!);
        await using var redis = new RedisConnection(url, TimeProvider.System, NullLogger<RedisConnection>.Instance);
        var keys = Assert.IsType<RespReply.List>(await redis.SendAsync(["KEYS", "*"], TestContext.Current.CancellationToken)).Items;
        Assert.NotEmpty(keys);
        foreach (var key in keys.Cast<RespReply.Bulk>().Select(static key => key.Text))
        {
            var type = ((RespReply.Simple)await redis.SendAsync(["TYPE", key], TestContext.Current.CancellationToken)).Text;
            var value = type switch
            {
                "string" => await redis.SendAsync(["GET", key], TestContext.Current.CancellationToken),
                "hash" => await redis.SendAsync(["HGETALL", key], TestContext.Current.CancellationToken),
                // Expired meanwhile.
                "none" => RespReply.Null,
                _ => throw new InvalidOperationException($"Nobody said that {key} would be a {type}."),
            };
            var all = key + (value is RespReply.List list ? string.Join(' ', list.Items.OfType<RespReply.Bulk>().Select(static item => item.Text)) : value is RespReply.Bulk bulk ? bulk.Text : "");
            Assert.All(Raw, raw => Assert.DoesNotContain(raw, all, StringComparison.OrdinalIgnoreCase));
        }
    }
}
