using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LexCustis.Infrastructure.Text;

/// <summary>
/// Words and phrases by class, found in one walk from a word's first letter. The file format is
/// <c>[class]</c> and then entries, separated by commas or lines: a word, a phrase (<c>date of birth</c>: any blanks, hyphens or
/// apostrophes between its words), or either with a final <c>*</c> for any ending. Case, accents and invisible characters
/// don't count; <c>#</c> starts a comment. Where several entries match, the longest wins.
/// </summary>
internal sealed class Lexicon
{
    private const int MaxSeparators = 3;
    private readonly Node[] _nodes;

    private Lexicon(Node[] nodes) => _nodes = nodes;

    /// <summary>
    /// A trie node: which symbols go on, where the children of those symbols stand (in symbol order), what ends here. Sixteen bytes, four of
    /// them in a line of the processor's cache: the walk waits for memory more than for anything else.
    /// </summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Node(ulong Low, uint High, ushort FirstChild, byte Word, byte Stem)
    {
        /// <summary>The index of the node that <paramref name="symbol"/> leads to; 0, the root's, for none.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int Child(byte symbol)
        {
            if (symbol < 64)
            {
                var bit = 1UL << symbol;
                return (Low & bit) == 0 ? 0 : FirstChild + BitOperations.PopCount(Low & (bit - 1));
            }

            var highBit = 1u << (symbol - 64);
            return (High & highBit) == 0 ? 0 : FirstChild + BitOperations.PopCount(Low) + BitOperations.PopCount(High & (highBit - 1));
        }
    }

    /// <summary>Reads an embedded lexicon; <paramref name="classOf"/> gives each class name its number, 1 to 255.</summary>
    public static Lexicon Load(string resource, Func<string, int> classOf)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The lexicon {resource} is not in this build.");
        using var reader = new StreamReader(stream);
        return Parse(reader.ReadToEnd(), classOf);
    }

    public static Lexicon Parse(string source, Func<string, int> classOf)
    {
        var root = new Builder();
        var current = 0;
        foreach (var rawLine in source.Split('\n'))
        {
            var comment = rawLine.IndexOf('#', StringComparison.Ordinal);
            var line = (comment < 0 ? rawLine : rawLine[..comment]).Trim();
            if (line.StartsWith('[') && line.EndsWith(']'))
            {
                current = classOf(line[1..^1]);
                if (current is < 1 or > byte.MaxValue)
                    throw new FormatException($"No such class in this lexicon: {line}");
                continue;
            }

            foreach (var entry in line.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                root.Add(entry, (byte)current);
        }

        return new Lexicon(Flatten(root));
    }

    /// <summary>
    /// The class of the longest entry that begins at <paramref name="start"/>, which must be a word's first character; 0 for none.
    /// <paramref name="end"/> is that of the last matched word.
    /// </summary>
    public int Match(ReadOnlySpan<char> text, int start, out int end)
    {
        var symbols = Fold.Symbols;
        var nodes = _nodes;
        ref readonly var node = ref nodes[0];
        var (found, foundEnd, stem) = (0, start, false);
        for (var i = start; ; i++)
        {
            var symbol = i < text.Length ? symbols[text[i]] : Fold.Break;
            if (symbol <= Fold.Skip)
            {
                if (symbol == Fold.Skip)
                    continue;
                if (node.Word != 0)
                    (found, foundEnd, stem) = (node.Word, i, false);
                if (i >= text.Length)
                    break;
                symbol = Fold.Gap;
            }

            var child = node.Child(symbol);
            if (child == 0)
                break;
            node = ref nodes[child];
            if (symbol == Fold.Gap)
                i = GapEnd(text, i);
            if (node.Stem != 0)
                (found, foundEnd, stem) = (node.Stem, i + 1, true);
        }

        end = stem ? Fold.WordEnd(text, foundEnd) : foundEnd;
        return found;
    }

    // The last of the characters that part two words of a phrase.
    private static int GapEnd(ReadOnlySpan<char> text, int start)
    {
        var end = start;
        while (end + 1 < text.Length && end - start < MaxSeparators && Fold.Symbol(text[end + 1]) == Fold.Break)
            end++;
        return end;
    }

    // The children of a node stand together, and right behind them their own: a word's way through the trie is mostly through neighbours.
    private static Node[] Flatten(Builder root)
    {
        var nodes = new List<Node> { default };
        Place(root, 0);
        return [.. nodes];

        void Place(Builder from, int index)
        {
            ulong low = 0;
            uint high = 0;
            foreach (var symbol in from.Children.Keys)
            {
                if (symbol < 64)
                    low |= 1UL << symbol;
                else
                    high |= 1u << (symbol - 64);
            }

            var firstChild = nodes.Count;
            if (firstChild + from.Children.Count > ushort.MaxValue)
                throw new FormatException($"A lexicon may have {ushort.MaxValue} places in its tree and this one needs more; shorten it.");
            nodes[index] = new Node(low, high, (ushort)firstChild, from.Word, from.Stem);
            nodes.AddRange(Enumerable.Repeat(default(Node), from.Children.Count));
            foreach (var child in from.Children.Values)
                Place(child, firstChild++);
        }
    }

    private sealed class Builder
    {
        public SortedDictionary<byte, Builder> Children { get; } = [];

        public byte Word { get; private set; }

        public byte Stem { get; private set; }

        public void Add(string entry, byte number)
        {
            var stem = entry.EndsWith('*');
            var node = this;
            var pendingGap = false;
            foreach (var c in stem ? entry[..^1] : entry)
            {
                var symbol = Fold.Symbol(c);
                if (symbol == Fold.Skip)
                    continue;
                if (symbol == Fold.Break)
                {
                    pendingGap = node != this;
                    continue;
                }

                if (pendingGap)
                    node = node.Child(Fold.Gap);
                pendingGap = false;
                node = node.Child(symbol);
            }

            var taken = stem ? node.Stem : node.Word;
            if (node == this || number == 0 || entry.IndexOf('*', StringComparison.Ordinal) is var star && star >= 0 && star < entry.Length - 1 || (taken != 0 && taken != number))
                throw new FormatException($"'{entry}' is empty, outside a class, starred inside, or already in another class.");
            if (stem)
                node.Stem = number;
            else
                node.Word = number;
        }

        private Builder Child(byte symbol)
        {
            if (!Children.TryGetValue(symbol, out var child))
                Children[symbol] = child = new Builder();
            return child;
        }
    }
}
