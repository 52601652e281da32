using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Faults;

public sealed class ManyServersTests
{
    private const string Question = "How long must providers keep logs?";

    [Fact]
    public async Task Three_servers_append_to_one_organization_without_gap_or_loss()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var first = await LexCustisServer.StartAsync(database: database);
        await using var second = await LexCustisServer.StartAsync(database: database);
        await using var third = await LexCustisServer.StartAsync(database: database);
        var admin = await Api.RegisterAsync(first);
        Api[] callers = [admin, new Api(second.Http, admin.Token), new Api(third.Http, admin.Token)];

        // Both doors: a turn is a group commit, a change of settings writes its entry in its own transaction.
        var receipts = new ConcurrentBag<JsonElement>();
        const int rounds = 110;
        await Parallel.ForAsync(0, 3 * rounds, new ParallelOptions { MaxDegreeOfParallelism = 24 }, async (number, _) =>
        {
            var caller = callers[number % 3];
            if (number % 2 == 0)
                receipts.Add((await caller.ChatAsync(Question)).Frame("audit"));
            else
                Assert.Equal(HttpStatusCode.OK, (await caller.PatchAsync("/api/organization", $$"""{"name":"Organization of round {{number}}"}""")).Status);
        });

        var log = await admin.ReadLogAsync();
        Assert.Equal(Enumerable.Range(1, 1 + (3 * rounds)), log.Select(static entry => entry.GetProperty("sequence").GetInt32()));
        Assert.Equal(3 * rounds / 2, log.Count(static entry => entry.GetProperty("event_type").GetString() == "settings.changed"));
        AssertHolds(log, receipts);
        foreach (var caller in callers)
            await caller.AssertLogIsCleanAsync();
        await using var open = new OpenLog(database.ApplicationUrl);
        await open.AssertHoldsAsync(admin.OrganizationId, [], rows: 1 + (3 * rounds) + 3);
    }

    [Fact]
    public async Task A_killed_server_loses_no_receipt_that_a_client_got()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var survivor = await LexCustisServer.StartAsync(database: database);
        await using var victim = await LexCustisServer.StartAsync(database: database);
        var admin = await Api.RegisterAsync(survivor);
        var caller = new Api(victim.Http, admin.Token);

        var receipts = new ConcurrentBag<JsonElement>();
        using var enough = new SemaphoreSlim(0);
        var clients = Enumerable.Range(0, 12).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                try
                {
                    var turn = await ReadReceiptAsync(caller);
                    if (turn is null)
                        return;
                    receipts.Add(turn.Value);
                    enough.Release();
                }
                catch (HttpRequestException)
                {
                    return;
                }
            }
        })).ToList();
        for (var count = 0; count < 60; count++)
            Assert.True(await enough.WaitAsync(TimeSpan.FromSeconds(60)));
        await victim.Process.KillAsync();
        await Task.WhenAll(clients);

        var after = (await admin.ChatAsync(Question)).Frame("audit");
        receipts.Add(after);
        AssertHolds(await admin.ReadLogAsync(), receipts);
        await admin.AssertLogIsCleanAsync();

        await using var another = await LexCustisServer.StartAsync(database: database);
        receipts.Add((await new Api(another.Http, admin.Token).ChatAsync(Question)).Frame("audit"));
        AssertHolds(await admin.ReadLogAsync(), receipts);
        await admin.AssertLogIsCleanAsync();
    }

    /// <returns>The receipt as soon as it is on the wire; null when the connection broke before it.</returns>
    private static async Task<JsonElement?> ReadReceiptAsync(Api caller)
    {
        using var response = await caller.OpenChatAsync(Question);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        try
        {
            while (await lines.ReadLineAsync() is { } line)
            {
                if (line.StartsWith("data: {\"type\":\"audit\"", StringComparison.Ordinal))
                    return JsonElement.Parse(line["data: ".Length..]);
            }
        }
        catch (Exception cut) when (cut is IOException or HttpRequestException)
        {
            return null;
        }

        return null;
    }

    private static void AssertHolds(List<JsonElement> log, IReadOnlyCollection<JsonElement> receipts)
    {
        Assert.NotEmpty(receipts);
        var rows = log.ToDictionary(static entry => entry.GetProperty("id").GetGuid());
        Assert.All(receipts, receipt =>
        {
            var row = rows[receipt.GetProperty("id").GetGuid()];
            Assert.Equal(
                (receipt.GetProperty("sequence").GetInt64(), receipt.GetProperty("entry_hash").GetString()),
                (row.GetProperty("sequence").GetInt64(), row.GetProperty("entry_hash").GetString()));
        });
    }
}
