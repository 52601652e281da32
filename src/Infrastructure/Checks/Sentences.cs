namespace LexCustis.Infrastructure.Checks;

/// <summary>
/// Cuts a text into sentences: at line ends, and at . ! ? … where something that can begin a sentence follows. "Art. 50", "z. B."
/// and "3.5" stay whole. Spans carry no surrounding blanks, and nothing empty is returned.
/// </summary>
internal ref struct Sentences(ReadOnlySpan<char> text)
{
    private readonly ReadOnlySpan<char> _text = text;
    private int _next;

    public int Start { get; private set; }

    public int End { get; private set; }

    public bool MoveNext()
    {
        var i = _next;
        while (i < _text.Length && !IsBody(_text[i]))
            i++;
        if (i >= _text.Length)
            return false;
        Start = i;
        while (i < _text.Length && _text[i] is not ('\n' or '\r') && !EndsAt(i))
            i++;
        _next = i < _text.Length ? i + 1 : i;
        End = _next;
        while (_next < _text.Length && _text[_next] is '.' or '!' or '?' or '"' or '”' or '»' or '“' or ')' or '\'' or '’')
            End = ++_next;
        while (End > Start && char.IsWhiteSpace(_text[End - 1]))
            End--;
        return true;
    }

    private static bool IsBody(char c) => Fold.Symbol(c) > Fold.Skip || char.IsSurrogate(c);

    private readonly bool EndsAt(int i)
    {
        if (_text[i] is '!' or '?' or '…' or '。' or ';' && i + 1 < _text.Length && char.IsWhiteSpace(_text[i + 1]))
            return true;
        if (_text[i] != '.')
            return false;
        var next = i + 1;
        while (next < _text.Length && _text[next] is '"' or '”' or '»' or '“' or ')' or '’' or '\'')
            next++;
        if (next >= _text.Length)
            return true;
        if (!char.IsWhiteSpace(_text[next]))
            return false;
        while (next < _text.Length && _text[next] is ' ' or '\u00A0')
            next++;
        if (next >= _text.Length || _text[next] is '\n' or '\r')
            return true;
        var before = i;
        while (before > Start && Fold.Symbol(_text[before - 1]) > Fold.Skip)
            before--;
        var length = i - before;
        // A short word or a number before the dot is an abbreviation or an ordinal, unless a capital follows a real word.
        var abbreviation = length <= 1 || (length <= 4 && IsAbbreviation(_text[before..i])) || (length <= 2 && char.IsDigit(_text[before]) && !char.IsUpper(_text[next]));
        return !abbreviation && !char.IsLower(_text[next]);
    }

    private static bool IsAbbreviation(ReadOnlySpan<char> word)
    {
        foreach (var known in (ReadOnlySpan<string>)["art", "nr", "no", "dr", "mr", "mrs", "ms", "prof", "st", "abs", "lit", "bzw", "etc", "vgl", "ca", "cf", "al", "par", "sec", "fig", "vol", "inc", "ltd", "sig", "sra", "sr", "dott", "mme", "núm", "pág", "ing", "usw", "evtl", "ggf", "inkl", "zzgl", "rn", "ziff", "pp"])
        {
            if (word.Equals(known, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
