namespace LexCustis.Infrastructure.Checks;

/// <summary>Takes the features of a sentence, one index below <see cref="InjectionFeatures.Buckets"/> at a time.</summary>
internal interface IFeatureSink
{
    void Add(uint bucket);
}

/// <summary>
/// What the classifier sees of a sentence: its words, pairs of words next to each other and one apart, and runs of four letters
/// with the word's ends, all hashed. Training and product read through this one method, so that they can't come apart.
/// </summary>
internal static class InjectionFeatures
{
    public const int Bits = 17;
    public const int Buckets = 1 << Bits;

    private const int MostWords = 48;
    private const uint Golden = 0x9E3779B1;
    private const uint PairSeed = 0x85EBCA6B;
    private const uint ApartSeed = 0xC2B2AE35;

    /// <summary>
    /// Reads one sentence from <paramref name="start"/> and returns where the next begins. A sentence ends at . ! ? or a line end,
    /// or after forty-eight words, so that one long line can't thin an attack out.
    /// </summary>
    public static int ReadSentence<TSink>(ReadOnlySpan<char> text, int start, ref TSink sink, out int words)
        where TSink : struct, IFeatureSink, allows ref struct
    {
        uint previous = 0, beforePrevious = 0;
        var i = start;
        words = 0;
        while (i < text.Length)
        {
            var symbol = Fold.Symbol(text[i]);
            if (symbol <= Fold.Skip)
            {
                var ends = EndsSentence(text, i);
                i++;
                if (ends && words > 0)
                    break;
                continue;
            }

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
            while (i < text.Length && (symbol = Fold.Symbol(text[i])) != Fold.Break);

            sink.Add(Bucket((run << 8) | Fold.Gap));
            sink.Add(Bucket(word));
            if (previous != 0)
                sink.Add(Bucket((previous * PairSeed) ^ word));
            if (beforePrevious != 0)
                sink.Add(Bucket((beforePrevious * ApartSeed) ^ word));
            beforePrevious = previous;
            previous = word;
            if (++words == MostWords)
                break;
        }

        return i;
    }

    private static uint Bucket(uint hash) => (hash ^ (hash >> 15)) * Golden >> (32 - Bits);

    private static bool EndsSentence(ReadOnlySpan<char> text, int i) =>
        text[i] is '\n' or '!' or '?' or '…' || (text[i] == '.' && (i + 1 == text.Length || char.IsWhiteSpace(text[i + 1])));
}
