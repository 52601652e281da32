using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace LexCustis.Infrastructure.Text;

/// <summary>
/// Unicode normalization forms C and KC (Unicode Standard Annex 15; Hangul by section 3.12 of the standard). Ours, because
/// <see cref="string.Normalize()"/> returns its argument unchanged, and says that it is normalized, wherever globalization is invariant, as it is
/// in this product. A lone surrogate stays as it is.
/// </summary>
internal static class UnicodeNormalization
{
    private const int HangulFirst = 0xAC00;
    private const int LeadFirst = 0x1100;
    private const int VowelFirst = 0x1161;
    private const int TailBeforeFirst = 0x11A7;
    private const int Leads = 19;
    private const int Vowels = 21;
    private const int Tails = 28;

    /// <summary>Below it no character has a class, and none that stands alone changes in form C.</summary>
    private const char FirstMark = '\u0300';

    private static readonly Lazy<Tables> Data = new(Tables.Read);

    /// <summary>Form C: one code point for a letter and its marks where there is one. The same instance when nothing changes.</summary>
    public static string Compose(string text) =>
        text.AsSpan().IndexOfAnyInRange(FirstMark, '\uFFFF') < 0 ? text : Normalize(text, compatible: false);

    /// <summary>Form KC: as C, and what only looks different becomes the same: ligatures, full width, circled digits. The same instance when nothing changes.</summary>
    public static string ComposeCompatible(string text) => Ascii.IsValid(text) ? text : Normalize(text, compatible: true);

    private static string Normalize(string text, bool compatible)
    {
        var tables = Data.Value;
        if (!NeedsWork(text, tables, compatible)) return text;

        var points = new List<int>(text.Length + 16);
        for (var i = 0; i < text.Length;) Decompose(Next(text, ref i), tables, compatible, points);
        Order(points, tables);
        Recompose(points, tables);

        var result = new StringBuilder(points.Count + 16);
        foreach (var point in points)
        {
            if (Rune.IsValid(point)) result.Append(new Rune(point));
            else result.Append((char)point);
        }

        return result.Equals(text) ? text : result.ToString();
    }

    /// <summary>False only when every character is one that neither changes alone nor joins the one before it.</summary>
    private static bool NeedsWork(string text, Tables tables, bool compatible)
    {
        for (var i = 0; i < text.Length;)
        {
            var point = Next(text, ref i);
            if (point < 0x80) continue;
            if (tables.Classes.ContainsKey(point) || tables.Joining.Contains(point) || tables.Changing.Contains(point)) return true;
            if (compatible && tables.ChangingCompatible.Contains(point)) return true;
        }

        return false;
    }

    private static int Next(string text, ref int at)
    {
        var point = char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? char.ConvertToUtf32(text[at], text[at + 1]) : text[at];
        at += point > 0xFFFF ? 2 : 1;
        return point;
    }

    private static void Decompose(int point, Tables tables, bool compatible, List<int> points)
    {
        if (point < 0xA0)
        {
            points.Add(point);
            return;
        }

        var syllable = point - HangulFirst;
        if (syllable is >= 0 and < Leads * Vowels * Tails)
        {
            points.Add(LeadFirst + (syllable / (Vowels * Tails)));
            points.Add(VowelFirst + (syllable % (Vowels * Tails) / Tails));
            if (syllable % Tails != 0) points.Add(TailBeforeFirst + (syllable % Tails));
            return;
        }

        if (tables.Canonical.TryGetValue(point, out var parts) || (compatible && tables.Compatible.TryGetValue(point, out parts)))
        {
            foreach (var part in parts) Decompose(part, tables, compatible, points);
            return;
        }

        points.Add(point);
    }

    /// <summary>Sorts each run of marks by class, and keeps the order of equal ones.</summary>
    private static void Order(List<int> points, Tables tables)
    {
        var run = new List<(int Class, int Point)>();
        for (var i = 0; i <= points.Count; i++)
        {
            var mark = i < points.Count ? tables.Classes.GetValueOrDefault(points[i]) : 0;
            if (mark != 0)
            {
                run.Add((mark, points[i]));
                continue;
            }

            if (run.Count > 1)
            {
                var at = i - run.Count;
                foreach (var (_, point) in run.OrderBy(m => m.Class)) points[at++] = point;
            }

            run.Clear();
        }
    }

    private static void Recompose(List<int> points, Tables tables)
    {
        var starter = -1;

        // The class of the last mark kept behind the starter, -1 when there is none: a mark of the same or a higher class is in the way.
        var last = -1;
        var kept = 0;
        foreach (var point in points.ToArray())
        {
            var mark = tables.Classes.GetValueOrDefault(point);
            if (starter >= 0 && last < mark && Join(points[starter], point, tables) is { } joined)
            {
                points[starter] = joined;
                continue;
            }

            if (mark == 0)
            {
                starter = kept;
                last = -1;
            }
            else
            {
                last = mark;
            }

            points[kept++] = point;
        }

        points.RemoveRange(kept, points.Count - kept);
    }

    private static int? Join(int first, int second, Tables tables)
    {
        var (lead, vowel) = (first - LeadFirst, second - VowelFirst);
        if (lead is >= 0 and < Leads && vowel is >= 0 and < Vowels) return HangulFirst + (((lead * Vowels) + vowel) * Tails);
        var (syllable, tail) = (first - HangulFirst, second - TailBeforeFirst);
        if (syllable is >= 0 and < Leads * Vowels * Tails && syllable % Tails == 0 && tail is > 0 and < Tails) return first + tail;
        return tables.Pairs.TryGetValue((first, second), out var joined) ? joined : null;
    }

    /// <summary>normalization.txt, which scripts/make-unicode-tables writes and describes.</summary>
    private sealed class Tables
    {
        public required FrozenDictionary<int, int> Classes { get; init; }

        public required FrozenDictionary<int, int[]> Canonical { get; init; }

        public required FrozenDictionary<int, int[]> Compatible { get; init; }

        public required FrozenDictionary<(int First, int Second), int> Pairs { get; init; }

        /// <summary>What form C never keeps.</summary>
        public required FrozenSet<int> Changing { get; init; }

        /// <summary>What form KC never keeps, besides: also what decomposes canonically into something of the kind.</summary>
        public required FrozenSet<int> ChangingCompatible { get; init; }

        /// <summary>What may join the character before it.</summary>
        public required FrozenSet<int> Joining { get; init; }

        public static Tables Read()
        {
            var classes = new Dictionary<int, int>();
            var canonical = new Dictionary<int, int[]>();
            var compatible = new Dictionary<int, int[]>();
            var pairs = new Dictionary<(int First, int Second), int>();
            var changing = new HashSet<int>();
            var joining = Enumerable.Range(VowelFirst, Vowels).Concat(Enumerable.Range(TailBeforeFirst + 1, Tails - 1)).ToHashSet();

            using var reader = new StreamReader(typeof(UnicodeNormalization).Assembly.GetManifestResourceStream("text/normalization.txt")!);
            while (reader.ReadLine() is { } line)
            {
                if (line.StartsWith('#')) continue;
                var fields = line.Split(';');
                var point = Hexadecimal(fields[0]);
                if (int.Parse(fields[1], CultureInfo.InvariantCulture) is > 0 and var combining) classes[point] = combining;
                if (fields[2].Length == 0) continue;
                var parts = Array.ConvertAll(fields[3].Split(' '), Hexadecimal);
                (fields[2] == "~" ? compatible : canonical)[point] = parts;
                if (fields[2] == "!") changing.Add(point);
                if (fields[2] != "=") continue;
                pairs[(parts[0], parts[1])] = point;
                joining.Add(parts[1]);
            }

            return new Tables
            {
                Classes = classes.ToFrozenDictionary(),
                Canonical = canonical.ToFrozenDictionary(),
                Compatible = compatible.ToFrozenDictionary(),
                Pairs = pairs.ToFrozenDictionary(),
                Changing = changing.ToFrozenSet(),
                ChangingCompatible = compatible.Keys.Concat(canonical.Keys.Where(Hides)).ToFrozenSet(),
                Joining = joining.ToFrozenSet(),
            };

            bool Hides(int point) => compatible.ContainsKey(point) || (canonical.TryGetValue(point, out var parts) && parts.Any(Hides));
        }

        private static int Hexadecimal(string digits) => int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }
}
