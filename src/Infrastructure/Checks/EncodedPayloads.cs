using System.Buffers;
using LexCustis.Infrastructure.Text;

namespace LexCustis.Infrastructure.Checks;

/// <summary>
/// Text hidden in another writing: base64, hexadecimal, percent escapes, rot13, Unicode tags, look-alike letters, letters set
/// apart. What decodes to text is read again, at most <see cref="MostLevels"/> levels down; every level is shorter than the one
/// above, so the whole stays linear. A finding covers the encoded text, for that is what stands in the document.
/// </summary>
internal static class EncodedPayloads
{
    private delegate int Decoder(ReadOnlySpan<char> encoded, Span<char> characters);

    private const int MostLevels = 3;
    private const int ShortestBase64 = 20;
    private const int ShortestEscapes = 18;
    private const int ShortestTags = 3;
    private const int ShortestSpelled = 8;
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
        if (read.LettersInARow >= ShortestSpelled - 1)
            found |= SpelledOut(text, depth, ref findings);
        if (read.Rot13Words >= 2)
            found |= Rewritten(EncodedText.Rot13, text, ref findings);
        return (MixesScripts(text) && Rewritten(EncodedText.LookAlikes, text, ref findings)) || found;
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
                found |= Decoded(EncodedText.Base64OrHex, text, start, end, depth, ref findings);
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
                found |= Decoded(EncodedText.PercentEscapes, text, start, at, depth, ref findings);
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
            if (at - start == 1 && SpelledEnd(text, start) is var end && end > at)
                found |= Decoded(EncodedText.SpelledLetters, text, start, at = end, depth, ref findings);
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

    private static int PercentEnd(ReadOnlySpan<char> text, int start)
    {
        var i = start;
        while (i < text.Length)
        {
            if (EncodedText.IsEscape(text, i))
                i += 3;
            else if (i > start && (char.IsAsciiLetterOrDigit(text[i]) || text[i] is '+' or '-' or '_' or '.'))
                i++;
            else
                break;
        }

        return i;
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

    private static int SpelledEnd(ReadOnlySpan<char> text, int start)
    {
        var i = start;
        var letters = 0;
        while (i < text.Length && Fold.Symbol(text[i]) > Fold.Skip && (i + 1 >= text.Length || Fold.Symbol(text[i + 1]) <= Fold.Skip))
        {
            letters++;
            i++;
            var limit = Math.Min(text.Length, i + 3);
            while (i < limit && text[i] is ' ' or '.' or '-' or '_' or '*' or '\u00A0')
                i++;
        }

        return letters >= ShortestSpelled ? i : start + 1;
    }

    // What the piece decodes to is a text of its own; the finding is where the piece stands.
    private static bool Decoded(Decoder decoder, ReadOnlySpan<char> text, int start, int end, int depth, ref FindingList findings)
    {
        var buffer = ArrayPool<char>.Shared.Rent(end - start);
        var inner = default(FindingList);
        var found = PromptInjection.Scan(buffer.AsSpan(0, decoder(text[start..end], buffer)), depth + 1, ref inner);
        ArrayPool<char>.Shared.Return(buffer);
        if (found)
            findings.Add(new Finding("encoded_payload", start, end, DecodedConfidence));
        return found;
    }

    // The whole text, letter for letter: what is found there stands here. It is not searched for further writings.
    private static bool Rewritten(Decoder decoder, ReadOnlySpan<char> text, ref FindingList findings)
    {
        var buffer = ArrayPool<char>.Shared.Rent(text.Length);
        var inner = default(FindingList);
        var found = PromptInjection.Scan(buffer.AsSpan(0, decoder(text, buffer)), MostLevels, ref inner);
        ArrayPool<char>.Shared.Return(buffer);
        foreach (var finding in inner.ToSorted())
            findings.Add(finding with { Type = "encoded_payload", Confidence = DecodedConfidence });
        return found;
    }
}
