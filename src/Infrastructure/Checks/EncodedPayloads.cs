using System.Buffers;
using System.Text;

namespace LexCustis.Infrastructure.Checks;

/// <summary>
/// Text hidden in another writing: base64, hexadecimal, percent escapes, rot13, Unicode tags, look-alike letters, letters set
/// apart. What decodes to text is read again, at most <see cref="MostLevels"/> levels down; every level is shorter than the one
/// above, so the whole stays linear. A finding covers the encoded text, for that is what stands in the document.
/// </summary>
internal static class EncodedPayloads
{
    private const int MostLevels = 3;
    private const int ShortestBase64 = 20;
    private const int ShortestHex = 24;
    private const int ShortestTags = 3;
    private const int ShortestSpaced = 8;
    private const double DecodedConfidence = 0.9;

    public static bool Scan(ReadOnlySpan<char> text, int depth, int rot13Words, ref FindingList findings)
    {
        if (depth >= MostLevels)
            return false;
        var found = false;
        if (rot13Words >= 2)
            found |= Rot13(text, ref findings);
        var mixed = false;
        var i = 0;
        while (i < text.Length)
        {
            var c = text[i];
            var end = i + 1;
            if (char.IsAsciiLetterOrDigit(c))
            {
                end = RunEnd(text, i);
                if (end - i >= ShortestBase64)
                    found |= Run(text, i, end, depth, ref findings);
                else if (end - i == 1 && SpacedEnd(text, i) is var spacedEnd && spacedEnd > end)
                    found |= Spaced(text, i, end = spacedEnd, depth, ref findings);
            }
            else if (c == '%' && PercentEnd(text, i) is var percentEnd && percentEnd - i >= 18)
            {
                found |= Percent(text, i, end = percentEnd, depth, ref findings);
            }
            else if (c == '\uDB40')
            {
                found |= Tags(text, i, out end, ref findings);
            }
            else if (c is >= '\u0370' and <= '\u04FF')
            {
                mixed |= (i > 0 && char.IsAsciiLetter(text[i - 1])) || (i + 1 < text.Length && char.IsAsciiLetter(text[i + 1]));
            }

            i = end;
        }

        return (mixed && LookAlikes(text, ref findings)) || found;
    }

    private static int RunEnd(ReadOnlySpan<char> text, int start)
    {
        var i = start;
        while (i < text.Length && (char.IsAsciiLetterOrDigit(text[i]) || text[i] is '+' or '/' or '=' or '-' or '_'))
            i++;
        return i;
    }

    private static bool Run(ReadOnlySpan<char> text, int start, int end, int depth, ref FindingList findings)
    {
        var run = text[start..end];
        var bytes = ArrayPool<byte>.Shared.Rent(run.Length);
        try
        {
            var written = 0;
            if (run.Length >= ShortestHex && run.Length % 2 == 0 && IsHex(run))
            {
                written = Convert.FromHexString(run, bytes, out _, out var count) == OperationStatus.Done ? count : 0;
            }
            else
            {
                written = Base64(run, bytes);
            }

            return written > 0 && Again(bytes.AsSpan(0, written), start, end, depth, ref findings);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    // Both alphabets, padded or not. The framework's base64url reader throws on what isn't any, so this goes by the plain one.
    private static int Base64(ReadOnlySpan<char> run, Span<byte> bytes)
    {
        run = run.TrimEnd('=');
        run = run[..(run.Length - (run.Length % 4 == 1 ? 1 : 0))];
        var padded = ArrayPool<char>.Shared.Rent(run.Length + 2);
        var length = 0;
        foreach (var c in run)
            padded[length++] = c == '-' ? '+' : c == '_' ? '/' : c;
        while (length % 4 != 0)
            padded[length++] = '=';
        var done = Convert.TryFromBase64Chars(padded.AsSpan(0, length), bytes, out var written);
        ArrayPool<char>.Shared.Return(padded);
        return done ? written : 0;
    }

    private static int PercentEnd(ReadOnlySpan<char> text, int start)
    {
        var i = start;
        while (i < text.Length)
        {
            if (text[i] == '%' && i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]))
                i += 3;
            else if (i > start && (char.IsAsciiLetterOrDigit(text[i]) || text[i] is '+' or '-' or '_' or '.'))
                i++;
            else
                break;
        }

        return i;
    }

    private static bool Percent(ReadOnlySpan<char> text, int start, int end, int depth, ref FindingList findings)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(end - start);
        var count = 0;
        for (var i = start; i < end; i++)
        {
            if (text[i] == '%' && i + 2 < end && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]))
            {
                bytes[count++] = (byte)((HexValue(text[i + 1]) << 4) | HexValue(text[i + 2]));
                i += 2;
            }
            else
            {
                bytes[count++] = (byte)(text[i] == '+' ? ' ' : text[i]);
            }
        }

        var found = Again(bytes.AsSpan(0, count), start, end, depth, ref findings);
        ArrayPool<byte>.Shared.Return(bytes);
        return found;
    }

    // U+E0020 to U+E007E mirror ASCII and are not shown. Emoji flags of regions use up to six behind a black flag.
    private static bool Tags(ReadOnlySpan<char> text, int start, out int end, ref FindingList findings)
    {
        end = start;
        while (end + 1 < text.Length && text[end] == '\uDB40' && text[end + 1] is >= '\uDC00' and <= '\uDC7F')
            end += 2;
        if (end == start)
        {
            end = start + 1;
            return false;
        }

        var count = (end - start) / 2;
        var flag = start >= 2 && text[start - 2] == '\uD83C' && text[start - 1] == '\uDFF4';
        if (count < ShortestTags || (flag && count <= 7))
            return false;
        findings.Add(new Finding("hidden_text", start, end, DecodedConfidence));
        return true;
    }

    private static int SpacedEnd(ReadOnlySpan<char> text, int start)
    {
        var i = start;
        var letters = 0;
        while (i < text.Length && char.IsAsciiLetter(text[i]) && (i + 1 >= text.Length || Fold.Symbol(text[i + 1]) <= Fold.Skip))
        {
            letters++;
            i++;
            var limit = Math.Min(text.Length, i + 3);
            while (i < limit && text[i] is ' ' or '.' or '-' or '_' or '*' or '\u00A0')
                i++;
        }

        return letters >= ShortestSpaced ? i : start + 1;
    }

    private static bool Spaced(ReadOnlySpan<char> text, int start, int end, int depth, ref FindingList findings)
    {
        // One blank parts letters, two or more part words.
        var characters = ArrayPool<char>.Shared.Rent(end - start);
        var count = 0;
        for (var i = start; i < end; i++)
        {
            if (char.IsAsciiLetter(text[i]))
                characters[count++] = text[i];
            else if (i + 1 < end && !char.IsAsciiLetter(text[i + 1]) && count > 0 && characters[count - 1] != ' ')
                characters[count++] = ' ';
        }

        var found = AgainInText(characters.AsSpan(0, count), start, end, depth, ref findings);
        ArrayPool<char>.Shared.Return(characters);
        return found;
    }

    private static bool Rot13(ReadOnlySpan<char> text, ref FindingList findings)
    {
        var turned = ArrayPool<char>.Shared.Rent(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            turned[i] = char.IsAsciiLetterLower(c) ? (char)('a' + ((c - 'a' + 13) % 26)) : char.IsAsciiLetterUpper(c) ? (char)('A' + ((c - 'A' + 13) % 26)) : c;
        }

        // The same length, so what is found there stands here.
        var inner = default(FindingList);
        var found = PromptInjection.Scan(turned.AsSpan(0, text.Length), MostLevels, ref inner);
        foreach (var finding in inner.ToSorted())
            findings.Add(finding with { Type = "encoded_payload", Confidence = DecodedConfidence });
        ArrayPool<char>.Shared.Return(turned);
        return found;
    }

    private static bool LookAlikes(ReadOnlySpan<char> text, ref FindingList findings)
    {
        const string Seen = "аеорсухіјѕԁһвкмнтАВЕКМНОРСТХІЈЅαορνικτυχεγΑΒΕΖΗΙΚΜΝΟΡΤΥΧ";
        const string Meant = "aeopcyxijsdhvkmhtABEKMHOPCTXIJSaopviktuxeyABEZHIKMNOPTYX";
        var plain = ArrayPool<char>.Shared.Rent(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var at = text[i] < '\u0370' ? -1 : Seen.IndexOf(text[i], StringComparison.Ordinal);
            plain[i] = at < 0 ? text[i] : Meant[at];
        }

        var inner = default(FindingList);
        var found = PromptInjection.Scan(plain.AsSpan(0, text.Length), MostLevels, ref inner);
        foreach (var finding in inner.ToSorted())
            findings.Add(finding with { Type = "encoded_payload", Confidence = DecodedConfidence });
        ArrayPool<char>.Shared.Return(plain);
        return found;
    }

    private static bool Again(ReadOnlySpan<byte> decoded, int start, int end, int depth, ref FindingList findings)
    {
        var characters = ArrayPool<char>.Shared.Rent(decoded.Length);
        var found = false;
        if (Encoding.UTF8.TryGetChars(decoded, characters, out var count) && IsText(characters.AsSpan(0, count)))
            found = AgainInText(characters.AsSpan(0, count), start, end, depth, ref findings);
        ArrayPool<char>.Shared.Return(characters);
        return found;
    }

    private static bool AgainInText(ReadOnlySpan<char> text, int start, int end, int depth, ref FindingList findings)
    {
        var inner = default(FindingList);
        if (!PromptInjection.Scan(text, depth + 1, ref inner))
            return false;
        findings.Add(new Finding("encoded_payload", start, end, DecodedConfidence));
        return true;
    }

    private static bool IsText(ReadOnlySpan<char> text)
    {
        var odd = 0;
        foreach (var c in text)
            odd += c == '\uFFFD' || (c < ' ' && c is not ('\n' or '\r' or '\t')) ? 1 : 0;
        return text.Length >= 8 && odd * 20 <= text.Length;
    }

    private static bool IsHex(ReadOnlySpan<char> run)
    {
        foreach (var c in run)
        {
            if (!char.IsAsciiHexDigit(c))
                return false;
        }

        return true;
    }

    private static int HexValue(char c) => char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
}
