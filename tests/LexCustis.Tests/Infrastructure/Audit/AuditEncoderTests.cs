using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using LexCustis.Infrastructure.Audit;

namespace LexCustis.Tests.Infrastructure.Audit;

public sealed class AuditEncoderTests
{
    private static readonly string[] AllMembers = ["v", "kid", "org", "seq", "id", "at", "type", "actor", "subject", "content_sha256", "data"];

    [Fact]
    public void The_keys_derived_from_the_master_key_are_those_of_the_vectors()
    {
        Assert.Equal(AuditChainVectors.OrganizationKey, AuditChainVectors.Keys.ChainKey(AuditChainVectors.Kid, AuditChainVectors.Organization));
        Assert.Equal(AuditChainVectors.SubjectWrapKey, AuditChainVectors.Keys.SubjectWrapKey(AuditChainVectors.Kid, AuditChainVectors.Organization));
    }

    [Fact]
    public void The_vectors_bodies_come_out_byte_for_byte_when_written_from_their_parts()
    {
        Assert.Equal(7, AuditChainVectors.Rows.Count);
        foreach (var row in AuditChainVectors.Rows)
        {
            var parts = JsonElement.Parse(row.Body);
            var actor = parts.GetProperty("actor");
            // The data goes through the JSON writer value by value, as the product's own events do.
            var entry = AuditEntries.ChatCompleted(
                parts.GetProperty("id").GetGuid(), parts.GetProperty("org").GetGuid(),
                new Actor(actor.GetProperty("user_id").GetGuid(), actor.GetProperty("role").GetString()!, actor.GetProperty("via").GetString()!),
                content: null,
                json =>
                {
                    foreach (var member in parts.GetProperty("data").EnumerateObject())
                    {
                        json.WritePropertyName(member.Name);
                        if (member.Value.ValueKind == JsonValueKind.String)
                            json.WriteStringValue(member.Value.GetString());
                        else
                            member.Value.WriteTo(json);
                    }
                })
            with
            { Type = parts.GetProperty("type").GetString()! };
            var at = DateTimeOffset.Parse(parts.GetProperty("at").GetString()!, CultureInfo.InvariantCulture);

            var body = TestChain.Body(entry, parts.GetProperty("kid").GetString()!, row.Sequence, at);

            Assert.Equal(Encoding.UTF8.GetString(row.Body), Encoding.UTF8.GetString(body));
            Assert.Equal(row.Body, body);
        }
    }

    [Fact]
    public void The_vectors_hashes_link_from_the_first_to_the_last()
    {
        var previous = AuditEncoder.Genesis;
        foreach (var row in AuditChainVectors.Rows)
        {
            Assert.Equal(previous, row.PreviousHash);
            var hash = new byte[AuditEncoder.HashLength];
            AuditEncoder.Hash(AuditChainVectors.OrganizationKey, row.PreviousHash, row.Body, hash);
            Assert.Equal(row.EntryHash, hash);
            previous = hash;
        }
    }

    [Fact]
    public void Any_text_ends_in_compact_JSON_with_the_members_in_order() => Check.One(
        TestChain.Seeded(1000),
        Prop.ForAll(TestChain.Text.ToArbitrary(), TestChain.Text.ToArbitrary(), Gen.Choose(0, 7).ToArbitrary(), (text, role, kind) =>
        {
            var entry = TestChain.Entry(1, kind, text);
            if (entry.Actor is { } actor)
                entry = entry with { Actor = actor with { Role = role } };
            var body = TestChain.Body(entry, "k1", 42, TestChain.Time(1));

            using var document = JsonDocument.Parse(body);
            var expected = AllMembers.Where(name => name switch
            {
                "actor" => entry.Actor is not null,
                "subject" => entry.SubjectId is not null,
                "content_sha256" => entry.Content is not null,
                _ => true,
            });
            Assert.Equal(expected, document.RootElement.EnumerateObject().Select(static member => member.Name));
            // Half a surrogate pair has no UTF-8: it becomes U+FFFD there as everywhere.
            Assert.Equal(AsUtf8(text), document.RootElement.GetProperty("data").GetProperty("text").GetString());
            if (entry.Actor is not null)
                Assert.Equal(AsUtf8(role), document.RootElement.GetProperty("actor").GetProperty("role").GetString());
            if (entry.Content is not null)
                Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(entry.Content)), document.RootElement.GetProperty("content_sha256").GetString());
            Assert.True(IsCompact(body), Encoding.UTF8.GetString(body));
        }));

    [Fact]
    public void The_time_has_six_digits_and_says_what_the_column_says() => Check.One(
        TestChain.Seeded(1000),
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), Gen.Choose(-14, 14).ToArbitrary(), (high, low, offset) =>
        {
            var time = new DateTimeOffset((high * 1_000_000_000L) + low, TimeSpan.Zero).ToOffset(TimeSpan.FromHours(high < 10 ? 0 : offset));
            var text = AuditEncoder.FormatTime(AuditEncoder.Microseconds(time));

            Assert.Matches(@"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$", text);
            Assert.Equal(time.UtcTicks / TimeSpan.TicksPerMicrosecond, DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).UtcTicks / TimeSpan.TicksPerMicrosecond);
            Assert.Equal(0, AuditEncoder.Microseconds(time).Ticks % TimeSpan.TicksPerMicrosecond);

            using var body = JsonDocument.Parse(TestChain.Body(TestChain.Entry(1, 0, ""), "k1", 1, time));
            Assert.Equal(text, body.RootElement.GetProperty("at").GetString());
        }));

    private static string AsUtf8(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static bool IsCompact(byte[] json)
    {
        var (quoted, escaped) = (false, false);
        foreach (var one in json)
        {
            if (one < 0x20 || (one == ' ' && !quoted))
                return false;
            if (escaped)
                escaped = false;
            else if (one == '\\')
                escaped = quoted;
            else if (one == '"')
                quoted = !quoted;
        }

        return !quoted;
    }
}
