using System.Text;

namespace LexCustis.Tests.Infrastructure.Retrieval.Embedding;

/// <summary>Lines in many scripts, well formed and not, the same for the same seed: mixed from the corpus and from what breaks tokenizers.</summary>
internal sealed class MultilingualText(int seed)
{
    private static readonly string[] Sentences = File.ReadAllLines(EmbeddingFixtures.Corpus);

    private static readonly string[] Words =
        [.. Sentences.SelectMany(s => s.Split(' ')).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Ranges of which any code point may come up, assigned or not.</summary>
    private static readonly (int From, int To)[] Ranges =
    [
        (0x20, 0x7E), (0xA0, 0x24F), (0x250, 0x36F), (0x370, 0x5FF), (0x600, 0x6FF), (0x900, 0xDFF), (0xE00, 0xE7F), (0x1100, 0x11FF),
        (0x1E00, 0x1FFF), (0x2000, 0x206F), (0x2070, 0x218F), (0x2460, 0x24FF), (0x2581, 0x2581), (0x3000, 0x30FF), (0x3300, 0x33FF),
        (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFB00, 0xFDFF), (0xFE00, 0xFEFF), (0xFF00, 0xFFEF), (0x10000, 0x1FFFF),
        (0x1D400, 0x1D7FF), (0x1F300, 0x1FAFF), (0x20000, 0x2FA1D), (0xE0000, 0x10FFFF),
    ];

    private static readonly string[] Oddities =
    [
        " ", "  ", "\t", "\r", "\u00A0", "\u3000", "\u200B", "\u200D", "\uFEFF", "\u00AD", "\u2028", "\0", "\u001F", "\u007F", "▁", "▁▁", "<s>", "</s>",
        "<unk>", "<mask>", "ﬁ", "Ⅳ", "㎏", "½", "①", "ｶﾞ", "e\u0301", "a\u0323\u0302", "\u1112\u1161\u11AB", "👩‍👩‍👧", "🇪🇺", "ﷺ", "…", "ǆ", "\u0344", "Å", "Ω",
        "\uFFFD", "\u0300", "1.234,56", "http://a.eu/b?c=d", "ＡＢＣ", "ẞ", "İ",
    ];

    private static readonly byte[][] Malformed =
    [
        [0x80], [0xBF, 0xBF], [0xC0, 0x80], [0xC3], [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xED, 0xA0, 0x80], [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80],
        [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFF], [0xFE, 0xFE], [0xC1, 0xBF], [0xE0, 0x80, 0xAF], [0xF0, 0x80, 0x80, 0xAF], [0xE2, 0x96], [0x20, 0xE2],
    ];

    private readonly Random _random = new(seed);

    /// <summary>No line break inside; every fifth line or so holds malformed UTF-8.</summary>
    public byte[] Line()
    {
        var line = new List<byte>();
        var broken = _random.Next(5) == 0;
        for (var parts = _random.Next(1, 16); parts > 0; parts--)
        {
            if (broken && _random.Next(3) == 0) line.AddRange(Malformed[_random.Next(Malformed.Length)]);
            line.AddRange(Encoding.UTF8.GetBytes(Part()));
            if (_random.Next(3) > 0) line.Add((byte)' ');
        }

        if (broken && line.Count > 0)
        {
            for (var i = _random.Next(3); i > 0; i--) line[_random.Next(line.Count)] = (byte)_random.Next(256);
        }

        line.RemoveAll(b => b == '\n');
        return [.. line];
    }

    /// <summary>Well-formed text of about this many words.</summary>
    public string Text(int words) => string.Join(' ', Enumerable.Range(0, words).Select(_ => Words[_random.Next(Words.Length)]));

    private string Part()
    {
        switch (_random.Next(8))
        {
            case 0: return Sentences[_random.Next(Sentences.Length)];
            case 1: return Oddities[_random.Next(Oddities.Length)];
            case 2: return Rare(_random.Next(1, 8));
            case 3: return Words[_random.Next(Words.Length)] + Oddities[_random.Next(Oddities.Length)];
            case 4: return Words[_random.Next(Words.Length)].ToUpperInvariant();
            default: return Text(_random.Next(1, 6));
        }
    }

    private string Rare(int length)
    {
        var text = new StringBuilder();
        var (from, to) = Ranges[_random.Next(Ranges.Length)];
        for (; length > 0; length--) text.Append(new Rune(_random.Next(from, to + 1)));
        return text.ToString();
    }
}
