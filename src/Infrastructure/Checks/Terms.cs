using System.Runtime.InteropServices;
using LexCustis.Infrastructure.Text;

namespace LexCustis.Infrastructure.Checks;

/// <summary>A word, name or number of a sentence, by the key that sentences are compared with.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Term(ulong Key, int Start, int End);

/// <summary>What a sentence says, as far as it can be compared: content words, numbers, names, and how often it denies.</summary>
internal sealed class Terms
{
    // Long enough to part words, short enough to join their endings: "retention" and "retained" no, "record" and "records" yes.
    private const int KeyLetters = 6;
    private const int ShortestContent = 3;

    private static readonly Lexicon Words = Lexicon.Load("checks/grounding.txt", static name => name switch { "Stop" => 1, "Negation" => 2, "Hedge" => 3, _ => 0 });

    public List<Term> Content { get; } = [];

    public List<Term> Numbers { get; } = [];

    public List<Term> Names { get; } = [];

    public int Negations { get; private set; }

    public int Hedges { get; private set; }

    /// <summary>Whether there is anything that a source could support.</summary>
    public bool SaysSomething => Content.Count + Numbers.Count > 0;

    public static Terms Of(ReadOnlySpan<char> text, int start, int end)
    {
        var terms = new Terms();
        var i = start;
        var first = true;
        while (i < end)
        {
            var symbol = Fold.Symbol(text[i]);
            if (symbol <= Fold.Skip)
            {
                i++;
                continue;
            }

            if (Fold.IsDigit(symbol) && (i == start || text[i - 1] == '[') && CitationEnd(text[..end], i) is > 0 and var past)
            {
                i = past;
                continue;
            }

            if (Fold.IsDigit(symbol))
            {
                i = terms.Number(text, i, end);
                first = false;
                continue;
            }

            var wordEnd = Fold.WordEnd(text[..end], i);
            var kind = Words.Match(text[..end], i, out var phraseEnd);
            if (kind == 2)
                terms.Negations++;
            else if (kind == 3)
                terms.Hedges++;
            else if (kind == 0 && wordEnd - i >= ShortestContent)
                terms.Word(text, i, wordEnd, first);
            first = false;
            i = kind > 1 ? phraseEnd : wordEnd;
        }

        return terms;
    }

    /// <summary>
    /// Where "[1]" or "[2, 3]" ends that has its first digit here, or 0: it names sources and states nothing. The bracket before it need not be
    /// there, for a sentence begins with its first letter or digit. "[2024]" is no citation.
    /// </summary>
    private static int CitationEnd(ReadOnlySpan<char> text, int start)
    {
        var digits = 0;
        for (var i = start; i < text.Length; i++)
        {
            if (text[i] == ']')
                return i + 1;
            digits = char.IsAsciiDigit(text[i]) ? digits + 1 : 0;
            if (digits > 2 || (digits == 0 && text[i] is not (',' or ' ' or '-' or '–')))
                break;
        }

        return 0;
    }

    private void Word(ReadOnlySpan<char> text, int start, int end, bool first)
    {
        var term = new Term(KeyOf(text, start, end), start, end);
        Content.Add(term);
        if (!first && char.IsUpper(text[start]))
            Names.Add(term);
    }

    // "1.000,50", "1,000.50" and "1 000" compare by their digits; a trailing full stop belongs to the sentence.
    private int Number(ReadOnlySpan<char> text, int start, int end)
    {
        var i = start;
        var last = start;
        ulong key = 14695981039346656037;
        while (i < end)
        {
            var symbol = Fold.Symbol(text[i]);
            if (Fold.IsDigit(symbol))
            {
                key = (key ^ symbol) * 1099511628211;
                last = i + 1;
            }
            else if (symbol > Fold.Skip || !(text[i] is '.' or ',' or '\u00A0' or '\u202F' or '\'' or '’') || i + 1 >= end || !Fold.IsDigit(Fold.Symbol(text[i + 1])))
            {
                break;
            }

            i++;
        }

        Numbers.Add(new Term(key, start, last));
        return Math.Max(i, start + 1);
    }

    private static ulong KeyOf(ReadOnlySpan<char> text, int start, int end)
    {
        ulong key = 14695981039346656037;
        var letters = 0;
        for (var i = start; i < end && letters < KeyLetters; i++)
        {
            var symbol = Fold.Symbol(text[i]);
            if (symbol == Fold.Skip)
                continue;
            key = (key ^ symbol) * 1099511628211;
            letters++;
        }

        return key;
    }
}
