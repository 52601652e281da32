using FsCheck;
using FsCheck.Fluent;
using LexCustis.Infrastructure.Audit;

namespace LexCustis.Tests.Infrastructure.Audit;

public sealed class ChainCheckTests
{
    private static readonly MasterKeys Keys = TestChain.Keys("k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    private static readonly Guid Stranger = TestChain.Id(0xFFFF);

    [Fact]
    public void The_vectors_verify()
    {
        var rows = AuditChainVectors.Rows.Select(static row =>
        {
            var body = System.Text.Json.JsonElement.Parse(row.Body);
            return new StoredRow(AuditChainVectors.Organization, row.Sequence, body.GetProperty("id").GetGuid(), body.GetProperty("at").GetDateTimeOffset(),
                body.GetProperty("type").GetString()!, body.GetProperty("actor").GetProperty("user_id").GetGuid(), row.Body, null, null, row.PreviousHash, row.EntryHash);
        });

        Assert.Empty(TestChain.Verdict(rows, AuditChainVectors.Keys));
    }

    [Fact]
    public void What_the_encoder_writes_verifies() => ForAnyChain(0, static (rows, _, _) => rows, static (_, _) => "");

    [Fact]
    public void A_changed_byte_of_a_body_is_named_at_its_place() => Check.One(
        TestChain.Seeded(300),
        Prop.ForAll(Chains(1).ToArbitrary(), Numbers.ToArbitrary(), Numbers.ToArbitrary(), (rows, at, bit) =>
        {
            at %= rows.Count;
            var body = rows[at].Body.ToArray();
            body[bit / 8 % body.Length] ^= (byte)(1 << (bit % 8));
            rows[at] = rows[at] with { Body = body };

            using var check = new ChainCheck(TestChain.Organization, Keys);
            foreach (var row in rows)
                check.Add(row.AsRow());

            // A kid that nobody knows cannot be hashed with; every other change gives another hash. Columns and content may disagree besides.
            Assert.Contains(check.Findings, static finding => finding.Verdict is ChainVerdict.HashMismatch or ChainVerdict.UnknownKey);
            Assert.All(check.Findings, finding => Assert.Equal((at + 1, 1), (finding.FirstSequence, finding.Count)));
            Assert.DoesNotContain(check.Findings, static finding => finding.Verdict is ChainVerdict.SequenceGap or ChainVerdict.BrokenLink);
        }));

    [Fact]
    public void A_changed_hash_is_named_there_and_where_it_is_linked() => ForAnyChain(
        2,
        static (rows, at, bit) => Replace(rows, at, rows[at] with { EntryHash = Flip(rows[at].EntryHash, bit) }),
        static (at, count) => at == count ? $"hash_mismatch@{at}x1" : $"broken_link@{at + 1}x1 hash_mismatch@{at}x1");

    [Fact]
    public void A_changed_previous_hash_is_named() => ForAnyChain(
        1,
        static (rows, at, bit) => Replace(rows, at, rows[at] with { PreviousHash = Flip(rows[at].PreviousHash, bit) }),
        static (at, _) => $"broken_link@{at}x1 hash_mismatch@{at}x1");

    [Theory]
    [InlineData("organization_id")]
    [InlineData("id")]
    [InlineData("created_at")]
    [InlineData("event_type")]
    [InlineData("user_id")]
    [InlineData("subject_id")]
    public void A_changed_column_is_named(string column) => ForAnyChain(
        1,
        (rows, at, bit) => Replace(rows, at, column switch
        {
            "organization_id" => rows[at] with { OrganizationId = Stranger },
            "id" => rows[at] with { Id = Stranger },
            "created_at" => rows[at] with { CreatedAt = rows[at].CreatedAt.AddMicroseconds(bit % 2 == 0 ? 1 : -1) },
            "event_type" => rows[at] with { EventType = rows[at].EventType + "x" },
            "user_id" => rows[at] with { UserId = rows[at].UserId is null || bit % 2 == 0 ? Stranger : null },
            _ => rows[at] with { SubjectId = rows[at].SubjectId is null || bit % 2 == 0 ? Stranger : null },
        }),
        static (at, _) => $"column_mismatch@{at}x1");

    [Fact]
    public void A_changed_byte_of_content_is_named() => ForAnyChain(
        1,
        static (rows, at, bit) => Replace(rows, at, rows[at] with { Content = rows[at].Content is { } content ? Flip(content, bit) : [1] }),
        static (at, _) => $"content_mismatch@{at}x1");

    [Fact]
    public void Content_that_is_gone_is_named() => ForAnyChain(
        1,
        static (rows, at, _) => Replace(rows, at, rows[at] with { Content = rows[at].Content is null ? [] : null }),
        static (at, _) => $"content_mismatch@{at}x1");

    [Fact]
    public void A_row_deleted_before_the_end_leaves_a_gap_and_a_broken_link() => ForAnyChain(
        2,
        static (rows, at, _) => [.. rows[..at], .. rows[(at + 1)..]],
        static (at, count) => at == count ? "" : $"broken_link@{at + 1}x1 sequence_gap@{at}x1");

    [Fact]
    public void A_row_that_stands_twice_is_named() => ForAnyChain(
        1,
        static (rows, at, _) => [.. rows[..(at + 1)], rows[at], .. rows[(at + 1)..]],
        static (at, _) => $"broken_link@{at}x1 sequence_gap@{at + 1}x1");

    [Fact]
    public void Neighbours_that_changed_places_with_their_numbers_are_named() => ForAnyChain(
        3,
        static (rows, at, _) =>
        {
            at = Math.Min(at, rows.Count - 2);
            (rows[at], rows[at + 1]) = (rows[at + 1] with { Sequence = at + 1 }, rows[at] with { Sequence = at + 2 });
            return rows;
        },
        static (at, count) =>
        {
            at = Math.Min(at, count - 1);
            return at == count - 1 ? $"broken_link@{at}x2 column_mismatch@{at}x2" : $"broken_link@{at}x3 column_mismatch@{at}x2";
        });

    [Fact]
    public void Rows_that_come_out_of_order_are_named() => ForAnyChain(
        3,
        static (rows, at, _) =>
        {
            at = Math.Min(at, rows.Count - 2);
            (rows[at], rows[at + 1]) = (rows[at + 1], rows[at]);
            return rows;
        },
        static (at, count) =>
        {
            at = Math.Min(at, count - 1);
            return at == count - 1 ? $"broken_link@{at}x2 sequence_gap@{at}x2" : $"broken_link@{at}x3 sequence_gap@{at}x3";
        });

    [Fact]
    public void Bodies_under_a_key_that_nobody_has_are_named()
    {
        var rows = TestChain.Rows([TestChain.Entry(1, 0, ""), TestChain.Entry(2, 1, "")], TestChain.Keys("k9:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="));
        Assert.Equal("unknown_key@1x2", TestChain.Verdict(rows, Keys));
    }

    [Fact]
    public void The_right_kid_with_another_key_is_a_wrong_hash()
    {
        var rows = TestChain.Rows([TestChain.Entry(1, 0, ""), TestChain.Entry(2, 1, "")], TestChain.Keys("k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="));
        Assert.Equal("hash_mismatch@1x2", TestChain.Verdict(rows, Keys));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("not JSON")]
    [InlineData("{\"kid\":1}")]
    [InlineData("{\"kid\":\"k1\",\"v\":1e99}")]
    [InlineData("{\"kid\":\"k1\",\"org\":\"nobody\"}")]
    [InlineData("{\"kid\":\"k1\",\"actor\":7}")]
    [InlineData("{\"kid\":\"k1\",\"actor\":{\"user_id\":null}}")]
    [InlineData("{\"kid\":\"k1\",\"seq\":99999999999999999999}")]
    [InlineData("{\"kid\":\"k1\",\"id\":\"ffffffff-ffff-ffff-ffff-ffffffffffff\",\"subject\":\"ffffffff-ffff-ffff-ffff-ffffffffffff\",\"content_sha256\":\"\"}")]
    [InlineData("{\"kid\":\"k1\",\"type\":\"content.expired\",\"data\":{\"months\":[\"soon\"]}}")]
    [InlineData("{\"kid\":\"k1\",\"type\":\"content.expired\",\"data\":[]}")]
    public void A_body_that_is_no_body_is_a_wrong_hash_and_no_crash(string body)
    {
        var rows = TestChain.Rows([TestChain.Entry(1, 0, ""), TestChain.Entry(2, 0, ""), TestChain.Entry(3, 0, "")], Keys);
        rows[1] = rows[1] with { Body = System.Text.Encoding.UTF8.GetBytes(body) };
        Assert.Contains("hash_mismatch@2x1", TestChain.Verdict(rows, Keys), StringComparison.Ordinal);
    }

    [Fact]
    public void Entries_that_follow_each_other_may_have_different_keys()
    {
        var both = TestChain.Keys("k2:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=,k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        var older = TestChain.Rows([TestChain.Entry(1, 0, ""), TestChain.Entry(2, 1, "")], Keys);
        var entry = TestChain.Entry(3, 0, "");
        var body = TestChain.Body(entry, "k2", 3, TestChain.Time(3));
        var hash = new byte[32];
        AuditEncoder.Hash(both.ChainKey("k2", TestChain.Organization), older[^1].EntryHash, body, hash);
        StoredRow newer = new(TestChain.Organization, 3, entry.Id, TestChain.Time(3), entry.Type, entry.Actor?.UserId, body, null, null, older[^1].EntryHash, hash);

        using var check = new ChainCheck(TestChain.Organization, both);
        foreach (var row in older.Append(newer))
            check.Add(row.AsRow());
        Assert.Empty(check.Findings);
        Assert.Equal((3, 2, 3), (check.Rows, check.PreviousKeyRows, check.LastSequence));
    }

    private static Gen<List<StoredRow>> Chains(int minimum) => TestChain.Entries(minimum).Select(static entries => TestChain.Rows(entries, Keys));

    private static Gen<int> Numbers => Gen.Choose(0, 1 << 20);

    /// <param name="change">Of the rows, at this 0-based place, with a number to choose by.</param>
    /// <param name="expected">The verdict for that 1-based sequence in a chain of so many rows.</param>
    private static void ForAnyChain(int minimum, Func<List<StoredRow>, int, int, List<StoredRow>> change, Func<int, int, string> expected) => Check.One(
        TestChain.Seeded(200),
        Prop.ForAll(Chains(minimum).ToArbitrary(), Numbers.ToArbitrary(), Numbers.ToArbitrary(), (rows, place, bit) =>
        {
            var (count, at) = (rows.Count, rows.Count == 0 ? 0 : place % rows.Count);
            Assert.Equal(expected(at + 1, count), TestChain.Verdict(change(rows, at, bit), Keys));
        }));

    private static List<StoredRow> Replace(List<StoredRow> rows, int at, StoredRow row)
    {
        rows[at] = row;
        return rows;
    }

    private static byte[] Flip(byte[] bytes, int bit)
    {
        var changed = bytes.ToArray();
        changed[bit / 8 % changed.Length] ^= (byte)(1 << (bit % 8));
        return changed;
    }
}
