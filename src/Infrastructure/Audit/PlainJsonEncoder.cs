using System.Text.Encodings.Web;

namespace LexCustis.Infrastructure.Audit;

/// <summary>
/// JSON's own escapes (RFC 8259, section 7) and no others, so that text stays the UTF-8 that it is and another program writes the same bytes.
/// The framework's most relaxed encoder still escapes what lies beyond the Basic Multilingual Plane, such as 🧾.
/// </summary>
internal sealed class PlainJsonEncoder : JavaScriptEncoder
{
    public static readonly PlainJsonEncoder Instance = new();

    private PlainJsonEncoder()
    {
    }

    public override int MaxOutputCharactersPerInputCharacter => UnsafeRelaxedJsonEscaping.MaxOutputCharactersPerInputCharacter;

    public override bool WillEncode(int unicodeScalar) => unicodeScalar is < ' ' or '"' or '\\';

    /// <summary>Half of a surrogate pair counts too: it has no UTF-8, and the base class writes U+FFFD for it.</summary>
    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        for (var index = 0; index < textLength; index++)
        {
            if (WillEncode(text[index]))
                return index;
            if (!char.IsSurrogate(text[index]))
                continue;
            if (index + 1 == textLength || !char.IsSurrogatePair(text[index], text[index + 1]))
                return index;
            index++;
        }

        return -1;
    }

    public override unsafe bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten) =>
        UnsafeRelaxedJsonEscaping.TryEncodeUnicodeScalar(unicodeScalar, buffer, bufferLength, out numberOfCharactersWritten);
}
