using System.Diagnostics;
using System.Globalization;
using System.Text;
using LexCustis.Infrastructure.Text;

namespace LexCustis.Tests.Infrastructure.Text;

public sealed class UnicodeNormalizationTests
{
    /// <summary>ICU, as Node.js carries it, computes the same forms: by other code, from its own tables.</summary>
    private const string Oracle = """
        const lines = require('fs').readFileSync(0, 'utf8').trimEnd().split('\n');
        const hex = s => [...s].map(c => c.codePointAt(0).toString(16)).join(' ');
        console.log(lines.map(l => {
          const s = l.split(' ').map(h => String.fromCodePoint(parseInt(h, 16))).join('');
          return hex(s.normalize('NFC')) + ';' + hex(s.normalize('NFKC'));
        }).join('\n'));
        """;

    [Fact]
    public void Equals_ICU_on_every_code_point_that_has_something_to_normalize_and_on_random_sequences()
    {
        var points = Interesting();
        Assert.True(points.Length > 6_500);
        var random = new Random(15);
        var cases = points.Select(p => new[] { p }).ToList();
        var marks = points.Where(p => Rune.GetUnicodeCategory(new Rune(p)) is UnicodeCategory.NonSpacingMark).ToArray();
        for (var i = 0; i < 20_000; i++)
        {
            var sequence = new List<int>();
            for (var n = random.Next(1, 7); n > 0; n--)
            {
                sequence.Add(random.Next(6) switch
                {
                    0 => random.Next('A', 'z'),
                    1 or 2 => marks[random.Next(marks.Length)],
                    3 => random.Next(2) == 0 ? random.Next(0x1100, 0x1200) : random.Next(0xAC00, 0xD7A4),
                    _ => points[random.Next(points.Length)],
                });
            }

            cases.Add([.. sequence]);
        }

        var expected = Ask(cases);
        for (var i = 0; i < cases.Count; i++)
        {
            var text = string.Concat(cases[i].Select(p => new Rune(p).ToString()));
            Assert.Equal(expected[i], $"{Hex(UnicodeNormalization.Compose(text))};{Hex(UnicodeNormalization.ComposeCompatible(text))}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("Größe, naïve")]
    [InlineData("Журнал только растёт 日志 システム 제공자")]
    [InlineData("\uD800 alone")]
    public void What_is_composed_comes_back_as_the_same_instance(string text)
    {
        Assert.Same(text, UnicodeNormalization.Compose(text));
        Assert.Same(text, UnicodeNormalization.ComposeCompatible(text));
    }

    [Fact]
    public void Lone_surrogates_stay_and_part_what_stands_around_them()
    {
        Assert.Equal("\u00E9\uDC00e\uD800\u0301", UnicodeNormalization.Compose("e\u0301\uDC00e\uD800\u0301"));
    }

    [Fact]
    public void Long_runs_of_marks_take_no_longer_than_they_should()
    {
        var text = "a" + string.Concat(Enumerable.Repeat("\u0323\u0302\u0327", 200_000));
        Assert.Equal('\u1EAD', UnicodeNormalization.Compose(text)[0]);
    }

    /// <summary>What the tables know, and what they leave to arithmetic.</summary>
    private static int[] Interesting()
    {
        using var tables = new StreamReader(typeof(UnicodeNormalization).Assembly.GetManifestResourceStream("text/normalization.txt")!);
        return [.. tables.ReadToEnd().Split('\n').Where(l => l.Length > 0 && l[0] != '#').Select(l => Convert.ToInt32(l.Split(';')[0], 16))];
    }

    private static string Hex(string text) => string.Join(' ', text.EnumerateRunes().Select(r => r.Value.ToString("x", CultureInfo.InvariantCulture)));

    private static string[] Ask(List<int[]> cases)
    {
        var start = new ProcessStartInfo("node", ["-e", Oracle]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        using var node = Process.Start(start)!;
        var output = node.StandardOutput.ReadToEndAsync();
        foreach (var points in cases) node.StandardInput.Write(string.Join(' ', points.Select(p => p.ToString("x", CultureInfo.InvariantCulture))) + "\n");
        node.StandardInput.Close();
        return output.Result.TrimEnd().Split('\n');
    }
}
