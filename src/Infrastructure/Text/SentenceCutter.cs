using System.Buffers;
using System.Collections.Frozen;

namespace LexCustis.Infrastructure.Text;

/// <summary>
/// Cuts a text into sentences, by UTF-16 offsets and without allocation: at line ends, and at . ! ? … where something that can begin a
/// sentence follows. "Art. 50", "z. B.", "am 3. August" and "3.5" stay whole. Where a sentence ends hangs on what stands from its beginning to
/// the first letter behind it and on nothing else, so that a text that is still being written can be cut as it grows. Spans carry no
/// surrounding blanks, and nothing empty is returned.
/// </summary>
/// <param name="clauses">Whether a semicolon ends a sentence, too: each clause of a list states something of its own.</param>
internal ref struct SentenceCutter(ReadOnlySpan<char> text, bool clauses = false)
{
    /// <summary>What may stand between a sentence's last mark and the blank behind it.</summary>
    public const string Closers = "\"”»“)’'";

    private static readonly SearchValues<char> Marks = SearchValues.Create("\n\r.!?…。;");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Abbreviations = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "abs", "al", "art", "arts", "bspw", "bzw", "ca", "cf", "ch", "co", "corp", "dott", "dr", "etc", "evtl",
        "ex", "fig", "ggf", "inc", "ing", "inkl", "lit", "ltd", "mme", "mr", "mrs", "ms", "no", "nos", "nr", "núm", "par", "para", "paras", "pp",
        "prof", "pág", "rec", "rn", "sec", "sig", "sr", "sra", "st", "usw", "vgl", "vol", "vs", "ziff", "zzgl").GetAlternateLookup<ReadOnlySpan<char>>();

    // Behind these a number is a German ordinal ("am 3. August", "im 2. Halbjahr"); behind other words it may well end the sentence.
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> BeforeOrdinals = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "ab", "am", "bis", "das", "dem", "den", "der", "des", "die", "im", "seit", "vom", "zum").GetAlternateLookup<ReadOnlySpan<char>>();

    private readonly ReadOnlySpan<char> _text = text;
    private readonly bool _clauses = clauses;
    private int _next;

    public int Start { get; private set; }

    public int End { get; private set; }

    public bool MoveNext()
    {
        var i = _next;
        while (i < _text.Length && !char.IsLetterOrDigit(_text[i]) && !char.IsSurrogate(_text[i]))
            i++;
        if (i >= _text.Length)
            return false;
        Start = i;
        for (var ends = false; !ends && i < _text.Length;)
        {
            var mark = _text[i..].IndexOfAny(Marks);
            i = mark < 0 ? _text.Length : i + mark;
            ends = mark < 0 || _text[i] is '\n' or '\r' || EndsAt(i);
            i += ends ? 0 : 1;
        }

        _next = i < _text.Length ? i + 1 : i;
        End = _next;
        while (_next < _text.Length && (_text[_next] is '.' or '!' or '?' || Closers.Contains(_text[_next])))
            End = ++_next;
        while (End > Start && char.IsWhiteSpace(_text[End - 1]))
            End--;
        return true;
    }

    private readonly bool EndsAt(int i)
    {
        if (_text[i] is '!' or '?' or '…' or '。')
            return true;
        if (_text[i] == ';')
            return _clauses && i + 1 < _text.Length && char.IsWhiteSpace(_text[i + 1]);
        if (_text[i] != '.')
            return false;
        var next = i + 1;
        while (next < _text.Length && Closers.Contains(_text[next]))
            next++;
        if (next >= _text.Length)
            return true;
        if (!char.IsWhiteSpace(_text[next]))
            return false;
        var closed = next > i + 1;
        while (next < _text.Length && _text[next] is ' ' or '\u00A0')
            next++;
        return next >= _text.Length || _text[next] is '\n' or '\r' || (!char.IsLower(_text[next]) && (closed || !IsAbbreviation(i)));
    }

    private readonly bool IsAbbreviation(int dot)
    {
        var start = WordStart(dot);
        var word = _text[start..dot];
        if (word.Length is not (1 or 2) || !char.IsAsciiDigit(word[0]))
            return word.Length == 1 || Abbreviations.Contains(word);
        if (start == Start)
            return true;
        var before = start;
        while (before > Start && _text[before - 1] is ' ' or '\u00A0')
            before--;
        return before < start && BeforeOrdinals.Contains(_text[WordStart(before)..before]);
    }

    private readonly int WordStart(int end)
    {
        while (end > Start && char.IsLetterOrDigit(_text[end - 1]))
            end--;
        return end;
    }
}
