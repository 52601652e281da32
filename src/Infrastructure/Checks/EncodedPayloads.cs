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
    private const int ShortestEscapes = 18;
    private const int ShortestTags = 3;
    private const int ShortestSpaced = 8;
    private const double DecodedConfidence = 0.9;

    private static readonly SearchValues<char> GreekAndCyrillic = SearchValues.Create([.. Enumerable.Range('\u0370', 0x190).Select(c => (char)c)]);

    // What base64 (RFC 4648, both alphabets) and hexadecimal are written in.
    private static readonly SearchValues<char> OfRuns = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_");

    /// <param name="read">What was seen while the words of this text were read.</param>
    public static bool Scan(ReadOnlySpan<char> text, int depth, in InjectionFeatures read, ref FindingList findings)
    {
        if (depth >= MostLevels)
            return false;
        var found = Runs(text, depth, ref findings);
        found |= Escapes(text, depth, ref findings);
        found |= Tags(text, ref findings);
        // The last of the spelled letters may have more behind it that isn't seen, and be no word of one letter.
        if (read.LettersInARow >= ShortestSpaced - 1)
            found |= SpelledOut(text, depth, ref findings);
        if (read.Rot13Words >= 2)
            found |= Rot13(text, ref findings);
        return (MixesScripts(text) && LookAlikes(text, ref findings)) || found;
    }

    // A run of n characters covers every n-th place. Looked at from there backwards, most of a text is passed over.
    private static bool Runs(ReadOnlySpan<char> text, int depth, ref FindingList findings)
    {
        var ofRuns = OfRuns;
        var found = false;
        var start = 0;
        while (start + ShortestBase64 <= text.Length)
        {
            var end = start + ShortestBase64;
            var gap = text[start..end].LastIndexOfAnyExcept(ofRuns);
            if (gap >= 0)
            {
                start += gap + 1;
                continue;
            }

            var more = text[end..].IndexOfAnyExcept(ofRuns);
            end = more < 0 ? text.Length : end + more;
            while (start < end && !char.IsAsciiLetterOrDigit(text[start]))
                start++;
            if (end - start >= ShortestBase64)
                found |= Run(text, start, end, depth, ref findings);
            start = end;
        }

        return found;
    }

    private static bool Escapes(ReadOnlySpan<char> text, int depth, ref FindingList findings)
    {
        var found = false;
        for (var at = 0; HitOrEnd(text, at, text[at..].IndexOf('%')) is var start && start < text.Length;)
        {
            at = PercentEnd(text, start);
            if (at - start >= ShortestEscapes)
                found |= Percent(text, start, at, depth, ref findings);
            at = Math.Max(at, start + 1);
        }

        return found;
    }

    private static bool Tags(ReadOnlySpan<char> text, ref FindingList findings)
    {
        var found = false;
        for (var at = 0; HitOrEnd(text, at, text[at..].IndexOf('\uDB40')) is var start && start < text.Length;)
            found |= Tags(text, start, out at, ref findings);
        return found;
    }

    private static bool SpelledOut(ReadOnlySpan<char> text, int depth, ref FindingList findings)
    {
        var found = false;
        for (var at = 0; at < text.Length;)
        {
            var start = at;
            at = Fold.WordEnd(text, start);
            if (at - start == 1 && SpacedEnd(text, start) is var end && end > at)
                found |= Spaced(text, start, at = end, depth, ref findings);
            at = Math.Max(at, start + 1);
        }

        return found;
    }

    private static bool MixesScripts(ReadOnlySpan<char> text)
    {
        for (var at = 0; HitOrEnd(text, at, text[at..].IndexOfAny(GreekAndCyrillic)) is var start && start < text.Length;)
        {
            at = HitOrEnd(text, start, text[start..].IndexOfAnyExcept(GreekAndCyrillic));
            if ((start > 0 && char.IsAsciiLetter(text[start - 1])) || (at < text.Length && char.IsAsciiLetter(text[at])))
                return true;
        }

        return false;
    }

    private static int HitOrEnd(ReadOnlySpan<char> text, int from, int hit) => hit < 0 ? text.Length : from + hit;

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
