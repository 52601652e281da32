using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LexCustis.Infrastructure.Text;

namespace LexCustis.Infrastructure.Checks;

/// <summary>Takes the features of a sentence, each an index into one of the two tables of <see cref="InjectionFeatures"/>.</summary>
internal interface IFeatureSink
{
    /// <summary>A word, a pair of words or a run of letters, below <see cref="InjectionFeatures.Buckets"/>.</summary>
    void Add(uint bucket);

    /// <summary>Word classes that come together, below <see cref="InjectionFeatures.ClassSlots"/>.</summary>
    void AddClasses(int slot);
}

/// <summary>A word of the lexicon in a sentence, by the offsets of the text.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct InjectionHit(InjectionWord Word, int Start, int End);

/// <summary>
/// What the classifier sees of a sentence. Of each language by itself: words, pairs of words next to each other and one apart, and runs
/// of four letters with the word's ends, all hashed. Of all languages together: which word classes occur (one, two or three of them in any
/// order) and which follow one another. Training and product read through this one type, so that they can't come apart.
/// </summary>
internal ref struct InjectionFeatures
{
    public const int Bits = 18;
    public const int Buckets = 1 << Bits;
    public const int ClassSlots = Sets + (ClassCount * ClassCount);

    /// <summary>Beside so many more features of no weight a sentence is judged, so that a short one needs as much to be convicted.</summary>
    public const int FewFeatures = 40;

    /// <summary>The same for class slots.</summary>
    public const int FewClasses = 8;

    private const int ClassCount = (int)InjectionWord.Rot13;
    private const int Sets = ClassCount * ClassCount * ClassCount;
    private const int MostWords = 48;
    private const int MostHits = 32;

    // More distinct classes would make more triples than a sentence can mean.
    private const int MostClasses = 10;
    private const uint Golden = 0x9E3779B1;
    private const uint PairSeed = 0x85EBCA6B;
    private const uint ApartSeed = 0xC2B2AE35;
    private const uint AddressHash = 0x27D4EB2F;

    private static readonly Lexicon Lexicon = Lexicon.Load("checks/injection.txt", name => (int)Enum.Parse<InjectionWord>(name));

    private HitBuffer _hits;
    private int _count;
    private int _lettersInARow;
    private bool _quoted;
    private bool _asks;

    /// <summary>
    /// Whether two word classes at least stand in the sentences whose <see cref="Classes"/> these are. A trigger word alone, or words that
    /// are merely unknown, are no case for the classifier.
    /// </summary>
    public static bool IsCase(ulong classes) => BitOperations.PopCount(classes) > 1;

    /// <summary>The word classes of the sentence, a bit each.</summary>
    public ulong Classes { get; private set; }

    /// <summary>How many words the sentence has.</summary>
    public int Words { get; private set; }

    /// <summary>How many words of all sentences read so far are English in rot13; two make it worth turning the text round.</summary>
    public int Rot13Words { get; private set; }

    /// <summary>The longest row of words of one letter in all sentences read so far, as where a word is spelled "i g n o r e".</summary>
    public int LettersInARow { get; private set; }

    /// <summary>The words of the lexicon, in order; of a very long sentence the first.</summary>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public readonly ReadOnlySpan<InjectionHit> Hits => ((ReadOnlySpan<InjectionHit>)_hits)[.._count];

    /// <summary>
    /// Reads one sentence from <paramref name="start"/> and returns where the next begins. A sentence ends at . ! ? or a line end,
    /// or after forty-eight words, so that one long line can't thin an attack out.
    /// </summary>
    public int Read<TSink>(ReadOnlySpan<char> text, int start, ref TSink sink)
        where TSink : struct, IFeatureSink, allows ref struct
    {
        var symbols = Fold.Symbols;
        uint previous = 0, beforePrevious = 0;
        var i = start;
        var phraseEnd = start;
        _count = Words = 0;
        Classes = 0;
        _quoted = _asks = false;
        while (i < text.Length)
        {
            var symbol = symbols[text[i]];
            if (symbol <= Fold.Skip)
            {
                var ends = EndsSentence(text, i);
                _quoted |= text[i] is '"' or '“' or '„' or '«';
                _asks |= text[i] == '?';
                i++;
                if (ends && Words > 0)
                    break;
                continue;
            }

            var wordStart = i;
            uint word = 2166136261;
            uint run = Fold.Gap;
            var letters = 1;
            do
            {
                if (symbol != Fold.Skip)
                {
                    word = (word ^ symbol) * 16777619;
                    run = (run << 8) | symbol;
                    if (++letters >= 4)
                        sink.Add(Bucket(run));
                }

                i++;
            }
            while (i < text.Length && (symbol = symbols[text[i]]) != Fold.Break);

            _lettersInARow = letters == 2 ? _lettersInARow + 1 : 0;
            LettersInARow = Math.Max(LettersInARow, _lettersInARow);
            var addressEnd = AddressWord.End(text, wordStart, i);
            if (addressEnd > i)
            {
                word = AddressHash;
                Add(InjectionWord.Address, wordStart, addressEnd);
                i = phraseEnd = addressEnd;
            }
            else
            {
                sink.Add(Bucket((run << 8) | Fold.Gap));
                if (wordStart >= phraseEnd)
                    phraseEnd = LookUp(text, wordStart);
            }

            sink.Add(Bucket(word));
            if (previous != 0)
                sink.Add(Bucket((previous * PairSeed) ^ word));
            if (beforePrevious != 0)
                sink.Add(Bucket((beforePrevious * ApartSeed) ^ word));
            beforePrevious = previous;
            previous = word;
            if (++Words == MostWords)
                break;
        }

        AddClasses(ref sink);
        return i;
    }

    private int LookUp(ReadOnlySpan<char> text, int start)
    {
        var word = (InjectionWord)Lexicon.Match(text, start, out var end);
        if (word == InjectionWord.None)
            return start;
        if (word == InjectionWord.Rot13)
        {
            Rot13Words++;
            return end;
        }

        Add(word, start, end);
        return end;
    }

    private void Add(InjectionWord word, int start, int end)
    {
        Classes |= 1UL << (int)word;
        if (_count < MostHits)
            _hits[_count++] = new InjectionHit(word, start, end);
    }

    private readonly void AddClasses<TSink>(ref TSink sink)
        where TSink : struct, IFeatureSink, allows ref struct
    {
        ulong seen = 0;
        byte before = 0;
        foreach (var hit in Hits)
        {
            var word = (byte)hit.Word;
            if (word != before)
                sink.AddClasses(Sets + (before * ClassCount) + word);
            before = word;
            if (BitOperations.PopCount(seen) < MostClasses)
                seen |= 1UL << word;
        }

        if (seen == 0)
            return;
        seen |= (_asks ? 1UL << (int)InjectionWord.Question : 0) | (_quoted ? 1UL << (int)InjectionWord.Quoted : 0);
        Span<byte> classes = stackalloc byte[MostClasses + 2];
        var count = 0;
        for (; seen != 0; seen &= seen - 1)
            classes[count++] = (byte)BitOperations.TrailingZeroCount(seen);
        for (var a = 0; a < count; a++)
        {
            sink.AddClasses(classes[a]);
            for (var b = a + 1; b < count; b++)
            {
                sink.AddClasses((classes[a] * ClassCount) + classes[b]);
                for (var c = b + 1; c < count; c++)
                    sink.AddClasses((((classes[a] * ClassCount) + classes[b]) * ClassCount) + classes[c]);
            }
        }
    }

    private static uint Bucket(uint hash) => (hash ^ (hash >> 15)) * Golden >> (32 - Bits);

    private static bool EndsSentence(ReadOnlySpan<char> text, int i) =>
        text[i] is '\n' or '!' or '?' or '…' || (text[i] == '.' && (i + 1 == text.Length || char.IsWhiteSpace(text[i + 1])));

    [InlineArray(MostHits)]
    private struct HitBuffer
    {
        private InjectionHit _first;
    }
}
