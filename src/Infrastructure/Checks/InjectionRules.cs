using System.Runtime.CompilerServices;

namespace LexCustis.Infrastructure.Checks;

/// <summary>What a word of <c>Lexicons/injection.txt</c> adds to a suspicion; the sections there carry these names.</summary>
internal enum InjectionWord : byte
{
    None, Override, Scope, Rules, Reveal, Hidden, Persona, Pretend, Unbound, Mention, Rot13,
}

/// <summary>
/// Attacks as sets of word classes that stand close together in any order: German puts the verb last, Italian the adjective.
/// </summary>
internal ref struct InjectionRules(ReadOnlySpan<char> text)
{
    private const int Classes = 11;
    private const int MentionReach = 10;

    private static readonly Lexicon Words = Lexicon.Load("injection.txt", name => (int)Enum.Parse<InjectionWord>(name));

    private readonly ReadOnlySpan<char> _text = text;
    private Seen _seen;
    private int _word;
    private int _phraseEnd;

    /// <summary>Words that read as English in rot13; two of them make it worth turning the text round.</summary>
    public int Rot13Words { get; private set; }

    /// <summary>Reads the word at <paramref name="start"/>; true when it completes an attack.</summary>
    public bool Read(int start, out Finding? finding)
    {
        finding = null;
        _word++;
        if (start < _phraseEnd)
            return false;
        var word = (InjectionWord)Words.Match(_text, start, out var end);
        if (word == InjectionWord.None)
            return false;
        _phraseEnd = end;
        Rot13Words += word == InjectionWord.Rot13 ? 1 : 0;
        _seen[(int)word] = (_word + 1, start, end);
        finding = word switch
        {
            InjectionWord.Override => Override() ?? OverrideHidden(),
            InjectionWord.Scope or InjectionWord.Rules => Override(),
            InjectionWord.Hidden => OverrideHidden() ?? Extraction(),
            InjectionWord.Reveal => Extraction(),
            InjectionWord.Pretend or InjectionWord.Unbound => Together("role_play", 0.75, 16, [InjectionWord.Pretend, InjectionWord.Unbound]),
            InjectionWord.Persona => Together("role_play", 0.75, 0, [InjectionWord.Persona]),
            _ => null,
        };
        return finding is not null;
    }

    private readonly Finding? Override() => Together("instruction_override", 0.8, 8, [InjectionWord.Override, InjectionWord.Scope, InjectionWord.Rules]);

    private readonly Finding? OverrideHidden() => Together("instruction_override", 0.75, 6, [InjectionWord.Override, InjectionWord.Hidden]);

    private readonly Finding? Extraction() => Together("prompt_extraction", 0.8, 7, [InjectionWord.Reveal, InjectionWord.Hidden]);

    private readonly Finding? Together(string type, double confidence, int reach, ReadOnlySpan<InjectionWord> classes)
    {
        int start = int.MaxValue, end = 0, first = int.MaxValue;
        foreach (var needed in classes)
        {
            var (word, from, to) = _seen[(int)needed];
            if (word == 0 || _word + 1 - word > reach)
                return null;
            start = Math.Min(start, from);
            end = Math.Max(end, to);
            first = Math.Min(first, word);
        }

        var (mention, _, _) = _seen[(int)InjectionWord.Mention];
        var mentioned = mention > 0 && first - mention is >= 0 and <= MentionReach;
        return mentioned || IsQuoted(start) ? null : new Finding(type, start, end, confidence);
    }

    private readonly bool IsQuoted(int start)
    {
        for (var i = start - 1; i >= 0 && start - i <= 2; i--)
        {
            if (_text[i] is '"' or '“' or '„' or '«' or '‘' or '‚' or '\'' or '`' or '»')
                return true;
        }

        return false;
    }

    [InlineArray(Classes)]
    private struct Seen
    {
        private (int Word, int Start, int End) _first;
    }
}
