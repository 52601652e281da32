using LexCustis.Infrastructure.Audit;
using LexCustis.Tests.Harness;
using Npgsql;

namespace LexCustis.Tests.Infrastructure.Audit;

public sealed class AuditLogTests(SharedServer shared)
{
    private readonly string url = shared.Server.Database.ApplicationUrl;
    private readonly Guid organization = Guid.CreateVersion7();

    [Fact]
    public async Task Sixty_four_writers_at_once_get_receipts_that_equal_the_rows()
    {
        await using var log = new OpenLog(url);
        var receipts = await Task.WhenAll(Enumerable.Range(0, 64).Select(writer => Task.Run(async () =>
        {
            var mine = new List<AuditReceipt>();
            for (var number = 0; number < 10; number++)
                mine.Add(await log.Log.AppendAsync(log.Event(organization, (writer * 100) + number)));
            // Whoever waits for a receipt before the next entry finds them in order.
            Assert.Equal(mine.OrderBy(static receipt => receipt.Sequence), mine);
            return mine;
        })));

        await log.AssertHoldsAsync(organization, [.. receipts.SelectMany(static mine => mine)]);
    }

    [Fact]
    public async Task Writers_of_many_organizations_do_not_disturb_each_other()
    {
        await using var log = new OpenLog(url + "?pool_size=10");
        Guid[] organizations = [.. Enumerable.Range(0, 12).Select(static _ => Guid.CreateVersion7())];
        await Parallel.ForAsync(0, 240, new ParallelOptions { MaxDegreeOfParallelism = 48 }, async (number, _) =>
            await log.Log.AppendAsync(log.Event(organizations[number % 12], number)));

        foreach (var one in organizations)
            await log.AssertHoldsAsync(one, [], rows: 20);
    }

    [Fact]
    public async Task Both_doors_at_once_make_one_chain()
    {
        await using var log = new OpenLog(url + "?pool_size=20");
        var receipts = await Task.WhenAll(Enumerable.Range(0, 120).Select(async number =>
        {
            if (number % 3 != 0)
                return await log.Log.AppendAsync(log.Event(organization, number));
            await using var transaction = await log.Database.BeginAsync(organization, CancellationToken.None);
            var receipt = await log.Log.AppendAsync(transaction, log.Event(organization, number), CancellationToken.None);
            await transaction.CommitAsync(CancellationToken.None);
            return receipt;
        }));

        await log.AssertHoldsAsync(organization, receipts);
    }

    [Fact]
    public async Task An_entry_of_a_transaction_that_is_not_committed_leaves_no_gap()
    {
        await using var log = new OpenLog(url);
        var first = await log.Log.AppendAsync(log.Event(organization, 1));
        await using (var transaction = await log.Database.BeginAsync(organization, CancellationToken.None))
            await log.Log.AppendAsync(transaction, log.Event(organization, 2), CancellationToken.None);
        var second = await log.Log.AppendAsync(log.Event(organization, 3));

        Assert.Equal(2, second.Sequence);
        await log.AssertHoldsAsync(organization, [first, second]);
    }

    [Fact]
    public async Task Several_entries_of_one_transaction_follow_each_other()
    {
        await using var log = new OpenLog(url);
        await using (var transaction = await log.Database.BeginAsync(organization, CancellationToken.None))
        {
            await log.Log.AppendAsync(transaction, [log.Event(organization, 1), log.Event(organization, 2), log.Event(organization, 3)], CancellationToken.None);
            await transaction.CommitAsync(CancellationToken.None);
        }

        await log.AssertHoldsAsync(organization, [], rows: 3);
    }

    [Fact]
    public async Task The_entry_is_the_last_statement_of_its_transaction()
    {
        await using var log = new OpenLog(url);
        await using var transaction = await log.Database.BeginAsync(organization, CancellationToken.None);
        await log.Log.AppendAsync(transaction, log.Event(organization, 1), CancellationToken.None);

        await Assert.ThrowsAsync<InvalidOperationException>(() => transaction.ExecuteAsync("SELECT 1", [], CancellationToken.None));
        await Assert.ThrowsAsync<InvalidOperationException>(() => log.Log.AppendAsync(transaction, log.Event(organization, 2), CancellationToken.None));
    }

    [Fact]
    public async Task An_entry_of_another_organization_is_refused()
    {
        await using var log = new OpenLog(url);
        await using var transaction = await log.Database.BeginAsync(organization, CancellationToken.None);
        await Assert.ThrowsAsync<InvalidOperationException>(() => log.Log.AppendAsync(transaction, log.Event(Guid.CreateVersion7(), 1), CancellationToken.None));
    }

    [Fact]
    public async Task An_entry_that_PostgreSQL_refuses_takes_no_other_with_it()
    {
        await using var log = new OpenLog(url);
        var receipts = new List<Task<AuditReceipt>>();
        var poison = new List<Task<AuditReceipt>>();
        // Given before the first of them can be written, so that they share a batch.
        for (var number = 0; number < 40; number++)
        {
            var wrong = number is 7 or 23;
            (wrong ? poison : receipts).Add(log.Log.AppendAsync(log.Event(organization, number, wrong ? "no\0text" : "document.uploaded"), AuditLog.Patience));
        }

        var written = await Task.WhenAll(receipts);
        foreach (var refused in poison)
            Assert.Equal("22021", (await Assert.ThrowsAsync<PostgresException>(() => refused)).SqlState);
        await log.AssertHoldsAsync(organization, written);
    }

    [Fact]
    public async Task An_entry_that_someone_else_wrote_is_not_written_again()
    {
        await using var log = new OpenLog(url);
        var entry = log.Event(organization, 1);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => log.Log.AppendOnceAsync(entry)));

        var receipt = Assert.Single(outcomes, static outcome => outcome is not null)!;
        await log.AssertHoldsAsync(organization, [receipt]);
    }

    [Fact]
    public async Task Disposal_waits_for_what_was_given()
    {
        var receipts = new List<Task<AuditReceipt>>();
        await using (var log = new OpenLog(url))
        {
            for (var number = 0; number < 600; number++)
                receipts.Add(log.Log.AppendAsync(log.Event(organization, number)));
        }

        Assert.All(receipts, static receipt => Assert.True(receipt.IsCompletedSuccessfully));
        await using var after = new OpenLog(url);
        await after.AssertHoldsAsync(organization, [.. receipts.Select(static receipt => receipt.Result)]);
    }
}
