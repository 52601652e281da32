using System.Text.Json;

namespace LexCustis.Infrastructure.Audit;

/// <summary>How far what was said can be read now.</summary>
internal enum ContentState
{
    /// <summary>Nobody said anything in this entry.</summary>
    None,

    Readable,

    /// <summary>Its key was emptied.</summary>
    Erased,

    /// <summary>Content, entry and key do not belong together, or the master key is not configured. Verification tells which.</summary>
    Unreadable,
}

/// <summary>What was said in an entry, decrypted as far as that goes. Whoever shows it appends <c>audit.content_read</c> first.</summary>
/// <param name="Json">The compact object where it is readable, else empty.</param>
internal readonly record struct EntryContent(ContentState State, ReadOnlyMemory<byte> Json)
{
    public static readonly EntryContent None = new(ContentState.None, default);
    public static readonly EntryContent Erased = new(ContentState.Erased, default);
    public static readonly EntryContent Unreadable = new(ContentState.Unreadable, default);

    private static readonly JsonElement ErasedWord = JsonDocument.Parse("\"erased\"").RootElement.Clone();
    private static readonly JsonElement UnreadableWord = JsonDocument.Parse("\"unreadable\"").RootElement.Clone();

    public bool IsReadable => State == ContentState.Readable;

    public static EntryContent Of(byte[] json) => new(ContentState.Readable, json);

    /// <summary>As readers of the log are shown it: the object, the word <c>erased</c> or <c>unreadable</c>, or null.</summary>
    public JsonElement? ToElement()
    {
        switch (State)
        {
            case ContentState.Readable:
                using (var document = JsonDocument.Parse(Json))
                    return document.RootElement.Clone();
            case ContentState.Erased:
                return ErasedWord;
            case ContentState.Unreadable:
                return UnreadableWord;
            default:
                return null;
        }
    }

    /// <summary>Writes what <see cref="ToElement"/> gives.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        if (IsReadable)
            json.WriteRawValue(Json.Span);
        else if (ToElement() is { } word)
            word.WriteTo(json);
        else
            json.WriteNullValue();
    }
}
