using System.Diagnostics;
using System.Globalization;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Monitoring;
using LexCustis.Infrastructure.Postgres;
using Microsoft.Extensions.Logging.Abstractions;

namespace LexCustis.Bench;

/// <summary>The figures of thirty days over a log of many turns: from the log alone, and from the sums that the server stores of it.</summary>
internal static class MonitoringBench
{
    private const int Rounds = 7;
    private const int Days = 30;

    public static async Task RunAsync(int turns)
    {
        var url = Environment.GetEnvironmentVariable("BENCH_DATABASE_URL") ?? throw new InvalidOperationException("BENCH_DATABASE_URL is not set: run `make bench`.");
        if (!DatabaseUrl.TryParse(url, out var database, out var reason))
            throw new InvalidOperationException(reason);
        await using var source = PostgresServices.Open(database);
        if (!MasterKeys.TryParse("k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", out var masterKeys, out reason))
            throw new InvalidOperationException(reason);
        var tenants = new TenantDatabase(source);
        var clock = new Clock();
        await using var log = new AuditLog(tenants, new ChainWriter(masterKeys, clock), clock, NullLogger<AuditLog>.Instance);
        var entries = new AuditEntries(clock);
        var organization = entries.NewId();
        await using (var transaction = await tenants.BeginAsync(organization, CancellationToken.None))
        {
            await transaction.ExecuteAsync("INSERT INTO organizations (id, name, created_at) VALUES ($1, 'Bench', now())", [organization], CancellationToken.None);
            await transaction.CommitAsync(CancellationToken.None);
        }

        var random = new Random(1);
        for (var written = 0; written < turns;)
        {
            var batch = Math.Min(1_000, turns - written);
            clock.Now = Clock.Start.AddDays((double)Days * 2 * written / turns);
            await Task.WhenAll(Enumerable.Range(0, batch).Select(_ => log.AppendAsync(Turn(entries, organization, random))));
            written += batch;
        }

        var to = DateOnly.FromDateTime(clock.Now.UtcDateTime);
        var period = new MonitoringPeriod(to.AddDays(1 - Days), to);
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"figures of {Days} days against the {Days} before, {turns:N0} turns in one organization's log"));
        await MeasureAsync("from the log alone", fromLogAlone: true);
        var watch = Stopwatch.StartNew();
        while (await MonitoringStretches.SumUpAsync(tenants, organization, CancellationToken.None))
        {
            // Until all of it is summed up.
        }

        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"summing all of it up, once",-44} {watch.Elapsed.TotalMilliseconds:N0} ms"));
        await MeasureAsync("from the stored sums (the product)", fromLogAlone: false);

        async Task MeasureAsync(string name, bool fromLogAlone)
        {
            var figures = new Figures(name, "ms");
            for (var round = -1; round < Rounds; round++)
            {
                var start = Stopwatch.GetTimestamp();
                await using var transaction = await tenants.BeginSnapshotAsync(organization, CancellationToken.None);
                var report = await MonitoringReader.ReadAsync(transaction, period, fromLogAlone, CancellationToken.None);
                if (report.Totals.Turns == 0)
                    throw new InvalidOperationException("The period is empty.");
                if (round >= 0)
                    figures.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            figures.Print();
        }
    }

    private static AuditEntry Turn(AuditEntries entries, Guid organization, Random random)
    {
        var (confidence, first, flagged) = (Math.Round(random.NextDouble(), 4), random.Next(100, 5_000), random.Next(10) == 0);
        return AuditEntries.ChatCompleted(entries.NewId(), organization, new Actor(organization, "member", "session"), content: null, json =>
        {
            json.WriteString("outcome"u8, "completed"u8);
            json.WriteString("provider"u8, "mistral"u8);
            json.WriteString("model"u8, "mistral-small-latest"u8);
            json.WriteString("region"u8, "eu"u8);
            json.WriteNumber("confidence"u8, confidence);
            json.WriteNumber("grounding"u8, Math.Sqrt(confidence));
            if (flagged)
            {
                json.WriteStartArray("flags"u8);
                json.WriteStringValue("pii"u8);
                json.WriteEndArray();
            }

            json.WriteNumber("prompt_tokens"u8, 900);
            json.WriteNumber("completion_tokens"u8, 200);
            json.WriteNumber("first_token_ms"u8, first);
            json.WriteNumber("duration_ms"u8, first * 4);
            json.WriteString("padding"u8, Padding);
        });
    }

    private static readonly string Padding = new('x', 200);

    /// <summary>Set by hand, so that sixty days pass while the log is written.</summary>
    private sealed class Clock : TimeProvider
    {
        public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public DateTimeOffset Now { get; set; } = Start;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
