using System.Text.Json;

namespace LexCustis.Infrastructure.Audit;

/// <summary>What verification compares of a body, as spans of it.</summary>
internal ref struct EntryBody
{
    public long Version;
    public ReadOnlySpan<byte> Kid;
    public Guid Organization;
    public long Sequence;
    public Guid Id;
    public ReadOnlySpan<byte> At;
    public ReadOnlySpan<byte> Type;
    public Guid? User;
    public Guid? Subject;
    public bool HasContent;
    public ReadOnlySpan<byte> ContentSha256;
    public List<DateOnly>? ExpiredMonths;

    /// <returns>False when the text is not a JSON object with the members that every body has.</returns>
    public bool TryRead(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;

            var hasKid = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("data"u8))
                    ReadData(ref reader);
                else if (reader.ValueTextEquals("v"u8))
                    Version = Next(ref reader).GetInt32();
                else if (reader.ValueTextEquals("kid"u8))
                {
                    Kid = NextText(ref reader);
                    hasKid = true;
                }
                else if (reader.ValueTextEquals("org"u8))
                    Organization = Next(ref reader).GetGuid();
                else if (reader.ValueTextEquals("seq"u8))
                    Sequence = Next(ref reader).GetInt64();
                else if (reader.ValueTextEquals("id"u8))
                    Id = Next(ref reader).GetGuid();
                else if (reader.ValueTextEquals("at"u8))
                    At = NextText(ref reader);
                else if (reader.ValueTextEquals("type"u8))
                    Type = NextText(ref reader);
                else if (reader.ValueTextEquals("actor"u8))
                    ReadActor(ref reader);
                else if (reader.ValueTextEquals("subject"u8))
                    Subject = Next(ref reader).GetGuid();
                else if (reader.ValueTextEquals("content_sha256"u8))
                {
                    ContentSha256 = NextText(ref reader);
                    HasContent = true;
                }
                else
                    Next(ref reader).Skip();
            }

            return hasKid;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }

    private static ref Utf8JsonReader Next(ref Utf8JsonReader reader)
    {
        reader.Read();
        return ref reader;
    }

    /// <summary>The text as it stands there: what the product writes into these members needs no escapes.</summary>
    private static ReadOnlySpan<byte> NextText(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.String ? reader.ValueSpan : throw new JsonException();
    }

    private void ReadActor(ref Utf8JsonReader reader)
    {
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var user = reader.ValueTextEquals("user_id"u8);
            reader.Read();
            if (user)
                User = reader.GetGuid();
            else
                reader.Skip();
        }
    }

    /// <summary>Of <c>content.expired</c>: <c>{"months":["2026-05-01", …]}</c>. Other events' facts are not compared with anything.</summary>
    private void ReadData(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (!Type.SequenceEqual("content.expired"u8))
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var months = reader.ValueTextEquals("months"u8);
            reader.Read();
            if (!months)
            {
                reader.Skip();
                continue;
            }

            ExpiredMonths = [];
            while (reader.Read() && reader.TokenType == JsonTokenType.String)
                ExpiredMonths.Add(DateOnly.ParseExact(reader.GetString()!, "yyyy-MM-dd"));
        }
    }
}
