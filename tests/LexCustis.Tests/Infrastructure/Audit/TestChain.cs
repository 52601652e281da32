using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using LexCustis.Infrastructure.Audit;

namespace LexCustis.Tests.Infrastructure.Audit;

/// <summary>Chains made in memory by the product's own encoder, for tests of what checks them.</summary>
internal static class TestChain
{
    public static readonly Guid Organization = Guid.Parse("018f4e6a-7c1b-7a52-9d3e-0b5a6c7d8e9f");

    /// <summary>Any UTF-16, lone surrogates and controls included, and what has a meaning in JSON, SQL or HTML more often than chance would have it.</summary>
    public static readonly Gen<string> Text = Gen.OneOf(
        Gen.Choose(0, 0xFFFF).Select(i => (char)i).ArrayOf().Select(characters => new string(characters)),
        Gen.Elements("", "\"", "\\", "\\\"", "{\"v\":1}", "\0", "\r\n", "🧾", "\ud83e", "Société d'Essai", "</script>", "\u2028", "'; DROP TABLE audit_logs; --", "\",\"seq\":7,\"x\":\""));

    /// <summary>The same cases in every run.</summary>
    public static Config Seeded(int cases) => Config.QuickThrowOnFailure.WithMaxTest(cases).WithReplay(20260802, 1);

    public static MasterKeys Keys(string text) => MasterKeys.TryParse(text, out var keys, out var reason) ? keys : throw new ArgumentException(reason, nameof(text));

    /// <summary>A UUID of a number, so that a seed decides everything.</summary>
    public static Guid Id(int number) => Guid.Parse($"018f4e6a-7c1b-7a52-9d3e-{number:x12}");

    public static DateTimeOffset Time(int sequence) => new DateTimeOffset(2026, 11, 22, 9, 15, 0, TimeSpan.Zero).AddTicks(sequence * 10_010_010L);

    public static byte[] Body(AuditEntry entry, string kid, long sequence, DateTimeOffset at)
    {
        var body = new ArrayBufferWriter<byte>();
        AuditEncoder.WriteBody(body, entry, kid, sequence, at);
        return body.WrittenSpan.ToArray();
    }

    /// <summary>The rows that a database would have of these entries.</summary>
    public static List<StoredRow> Rows(IEnumerable<AuditEntry> entries, MasterKeys keys)
    {
        var rows = new List<StoredRow>();
        var previous = AuditEncoder.Genesis;
        foreach (var entry in entries)
        {
            var sequence = rows.Count + 1;
            var body = Body(entry, keys.Current, sequence, Time(sequence));
            var hash = new byte[AuditEncoder.HashLength];
            AuditEncoder.Hash(keys.ChainKey(keys.Current, Organization), previous, body, hash);
            rows.Add(new StoredRow(Organization, sequence, entry.Id, Time(sequence), entry.Type, entry.Actor?.UserId, body, entry.Content, entry.SubjectId, previous, hash));
            previous = hash;
        }

        return rows;
    }

    /// <summary>What the check says, e.g. <c>broken_link@3x1</c>: verdict, first sequence, count; in the order of the verdicts' names.</summary>
    public static string Verdict(IEnumerable<StoredRow> rows, MasterKeys keys)
    {
        using var check = new ChainCheck(Organization, keys);
        foreach (var row in rows)
            check.Add(row.AsRow());
        check.CheckKeys(static (_, _) => true);
        return string.Join(' ', check.Findings.OrderBy(static finding => finding.Verdict, StringComparer.Ordinal)
            .Select(static finding => $"{finding.Verdict}@{finding.FirstSequence}x{finding.Count}"));
    }

    /// <summary>Between <paramref name="minimum"/> and 12 entries of any type and data, some with an actor, some with content.</summary>
    public static Gen<List<AuditEntry>> Entries(int minimum) =>
        from count in Gen.Choose(minimum, 12)
        from texts in Text.ListOf(count)
        from kinds in Gen.Choose(0, 7).ListOf(count)
        select kinds.Zip(texts, static (kind, text) => (kind, text)).Select(static (one, index) => Entry(index + 1, one.kind, one.text)).ToList();

    public static AuditEntry Entry(int number, int kind, string text)
    {
        var actor = new Actor(Id(1000 + (kind % 3)), "admin", "session");
        var content = (kind & 1) == 0 ? null : Enumerable.Range(0, 28 + text.Length).Select(i => (byte)((i * 7) + number)).ToArray();
        var entry = AuditEntries.ChatCompleted(Id(number), Organization, actor, content, json => json.WriteString("text"u8, text));
        return (kind & 2) == 0 ? entry : entry with { Actor = null };
    }
}

/// <summary>A row of <c>audit_logs</c> with values of its own, to be changed by a test.</summary>
internal sealed record StoredRow(
    Guid OrganizationId, long Sequence, Guid Id, DateTimeOffset CreatedAt, string EventType, Guid? UserId,
    byte[] Body, byte[]? Content, Guid? SubjectId, byte[] PreviousHash, byte[] EntryHash)
{
    public ChainRow AsRow() => new()
    {
        OrganizationId = OrganizationId,
        Sequence = Sequence,
        Id = Id,
        CreatedAt = CreatedAt,
        EventType = System.Text.Encoding.UTF8.GetBytes(EventType),
        UserId = UserId,
        Body = Body,
        HasContent = Content is not null,
        Content = Content,
        SubjectId = SubjectId,
        PreviousHash = PreviousHash,
        EntryHash = EntryHash,
    };
}
