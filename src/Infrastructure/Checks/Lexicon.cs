using System.Numerics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace LexCustis.Infrastructure.Checks;

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

    /// <summary>A trie node: which symbols go on, where the children of those symbols stand (in symbol order), what ends here.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Node(ulong Low, ulong High, int FirstChild, byte Word, byte Stem);

    /// <summary>Reads an embedded lexicon; <paramref name="classOf"/> gives each class name its number, 1 to 255.</summary>
    public static Lexicon Load(string resource, Func<string, int> classOf)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("checks/" + resource)
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
        var node = _nodes[0];
        var found = 0;
        var stem = false;
        end = start;
        var i = start;
        while (i < text.Length)
        {
            var symbol = Fold.Symbol(text[i]);
            if (symbol == Fold.Skip)
            {
                i++;
                continue;
            }

            var step = i + 1;
            if (symbol == Fold.Break)
            {
                if (node.Word != 0)
                {
                    found = node.Word;
                    stem = false;
                    end = i;
                }

                while (step < text.Length && step <= i + MaxSeparators && Fold.Symbol(text[step]) == Fold.Break)
                    step++;
                symbol = Fold.Gap;
            }

            if (!TryStep(ref node, symbol))
                return Found(text, found, stem, ref end);
            i = step;
            if (node.Stem != 0)
            {
                found = node.Stem;
                stem = true;
                end = i;
            }
        }

        if (node.Word == 0)
            return Found(text, found, stem, ref end);
        end = text.Length;
        return node.Word;
    }

    private static int Found(ReadOnlySpan<char> text, int found, bool stem, ref int end)
    {
        if (stem)
            end = Fold.WordEnd(text, end);
        return found;
    }

    private bool TryStep(ref Node node, byte symbol)
    {
        var high = symbol >= 64;
        var set = high ? node.High : node.Low;
        var bit = 1UL << symbol;
        if ((set & bit) == 0)
            return false;
        var before = BitOperations.PopCount(set & (bit - 1)) + (high ? BitOperations.PopCount(node.Low) : 0);
        node = _nodes[node.FirstChild + before];
        return true;
    }

    private static Node[] Flatten(Builder root)
    {
        var order = new List<Builder> { root };
        var firstChild = new List<int>();
        for (var i = 0; i < order.Count; i++)
        {
            firstChild.Add(order.Count);
            order.AddRange(order[i].Children.Values);
        }

        var nodes = new Node[order.Count];
        for (var i = 0; i < nodes.Length; i++)
        {
            ulong low = 0, high = 0;
            foreach (var symbol in order[i].Children.Keys)
            {
                if (symbol < 64)
                    low |= 1UL << symbol;
                else
                    high |= 1UL << symbol;
            }

            nodes[i] = new Node(low, high, firstChild[i], order[i].Word, order[i].Stem);
        }

        return nodes;
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
