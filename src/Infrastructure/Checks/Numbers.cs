using System.Runtime.CompilerServices;
using LexCustis.Infrastructure.Text;

namespace LexCustis.Infrastructure.Checks;

/// <summary>What a run of groups turned out to be.</summary>
internal readonly record struct NumberMatch(string Type, int End, double Confidence, string? Country, bool Valid);

/// <summary>
/// Reads a number as people write it, in groups parted by blanks, dots, dashes or line ends, with full-width digits or invisible
/// characters inside, and asks the rules what it is. Looks at most <see cref="MostSymbols"/> symbols ahead.
/// </summary>
internal static class Numbers
{
    private const int MostSymbols = 34;
    private const int MostGroups = 18;
    private const int MostSeparators = 3;

    public static bool TryMatch(ReadOnlySpan<char> text, int start, bool continues, PersonalWord label, bool labelUsed, out NumberMatch match)
    {
        Buffer symbols = default;
        Groups ends = default;
        var run = Read(text, start, symbols, ends);
        match = default;
        for (var g = run.Groups - 1; g >= 0; g--)
        {
            var (length, textEnd, slash) = ends[g];
            if (length < 8 || IsCut(text, textEnd))
                continue;
            ReadOnlySpan<char> canonical = symbols;
            canonical = canonical[..length];
            ulong form = 0;
            for (var i = 0; i <= g; i++)
                form = NumberRules.Append(form, ends[i].Length - (i == 0 ? 0 : ends[i - 1].Length));
            var whole = g == run.Groups - 1 && !continues;
            var seen = label;
            if (label == PersonalWord.None || labelUsed)
                seen = LabelBehind(text, textEnd) is var behind && behind != PersonalWord.None ? behind : label;
            // A label speaks for one number; what follows that one is on its own, though it may be another of the kind.
            var trusted = (!continues || g == 0) && (seen != label || labelUsed || label is PersonalWord.None or PersonalWord.AnyNumber or PersonalWord.Phone or PersonalWord.Birth);
            if (Classify(canonical, form, g, whole, continues, slash, trusted, seen, textEnd) is { } found)
            {
                match = found;
                return true;
            }
        }

        return false;
    }

    private static NumberMatch? Classify(
        ReadOnlySpan<char> s, ulong form, int lastGroup, bool whole, bool continues, bool slash, bool trusted, PersonalWord label, int end)
    {
        if (Iban.IsValid(s))
            return new NumberMatch("iban", end, 0.99, Country(s), true);
        if ((label != PersonalWord.Card || trusted) && NumberRules.Match(s, form, slash, label, trusted) is { } rule)
        {
            var labelled = rule.Labels.Contains(label);
            return new NumberMatch(rule.Type, end, labelled ? rule.HasCheck ? 0.99 : 0.9 : rule.HasCheck ? 0.9 : 0.7, rule.Country, rule.HasCheck);
        }

        if (char.IsAsciiLetterUpper(s[0]) && (label == PersonalWord.Vat || lastGroup == 0 || whole) && VatNumbers.IsValid(s))
            return new NumberMatch("vat", end, label == PersonalWord.Vat ? 0.99 : 0.9, s[..2] is "EL" ? "GR" : Country(s), true);
        if (PaymentCards.IsValid(s) && IsCardWritten(form, lastGroup, continues, trusted, label))
            return new NumberMatch("payment_card", end, label == PersonalWord.Card ? 0.99 : 0.9, null, true);
        return null;
    }

    private static bool IsCardWritten(ulong form, int lastGroup, bool continues, bool trusted, PersonalWord label) =>
        label == PersonalWord.Card
        || (!continues && form is 0x4444 or 0x465 or 0x464)
        || (lastGroup == 0 && trusted);

    private static string Country(ReadOnlySpan<char> s) => s[..2].ToString();

    // "123,50" goes on as a decimal, "12345678@" as an address, "25 %" is a share.
    private static bool IsCut(ReadOnlySpan<char> text, int end)
    {
        if (end >= text.Length)
            return false;
        var next = text[end];
        return next is '@' or '%' or '€' or '$' or '£'
            || (next is ',' or '.' && end + 1 < text.Length && char.IsAsciiDigit(text[end + 1]));
    }

    // "44051401359 (PESEL)": the label may be the first or second word behind the number.
    public static PersonalWord LabelBehind(ReadOnlySpan<char> text, int end)
    {
        var i = end;
        for (var words = 0; words < 2; words++)
        {
            var limit = Math.Min(text.Length, i + 4);
            while (i < limit && Fold.Symbol(text[i]) <= Fold.Skip)
            {
                if (text[i] is '.' or ';' or ')' or '\n')
                    return PersonalWord.None;
                i++;
            }

            if (i >= limit)
                return PersonalWord.None;
            var label = PersonalData.LabelAt(text, i);
            if (label == PersonalWord.Bic || NumberRules.IsLabel(label))
                return label;
            i = Fold.WordEnd(text, i);
        }

        return PersonalWord.None;
    }

    private static (int Symbols, int Groups) Read(ReadOnlySpan<char> text, int start, Span<char> symbols, Span<(int Length, int End, bool Slash)> ends)
    {
        int length = 0, groups = 0, i = start;
        var slash = false;
        while (i < text.Length)
        {
            var symbol = Fold.Symbol(text[i]);
            if (symbol > Fold.Skip)
            {
                var c = Fold.ToAscii(symbol);
                if (c == '\0' || length == MostSymbols)
                    return (length, groups);
                symbols[length++] = c;
                i++;
                if (i < text.Length && Fold.Symbol(text[i]) != Fold.Break)
                    continue;
            }
            else if (symbol == Fold.Skip)
            {
                i++;
                if (i < text.Length && Fold.Symbol(text[i]) != Fold.Break)
                    continue;
            }

            // A group ends here. A word of the sentence ends the run: groups of letters are at most six long, as in a codice fiscale.
            ends[groups] = (length, i, slash);
            var from = groups == 0 ? 0 : ends[groups - 1].Length;
            if (length - from > 6 && !symbols[from..length].ContainsAnyInRange('0', '9'))
                return (length, groups);
            groups++;
            if (groups == MostGroups)
                break;
            var limit = Math.Min(text.Length, i + MostSeparators);
            while (i < limit && IsSeparator(text[i]))
                slash |= text[i++] == '/';
            if (i >= text.Length || Fold.Symbol(text[i]) == Fold.Break)
                break;
        }

        return (length, groups);
    }

    private static bool IsSeparator(char c) => c is ' ' or '.' or '-' or '/' or '\n' or '\r' or '\t' or '\u00A0' or '\u202F' or '\u2007'
        or '\u2009' or '\u2010' or '\u2011' or '\u2012' or '\u2013' or '\u2014' or '·' || Fold.Symbol(c) == Fold.Skip;

    [InlineArray(MostSymbols)]
    private struct Buffer
    {
        private char _first;
    }

    [InlineArray(MostGroups)]
    private struct Groups
    {
        private (int Length, int End, bool Slash) _first;
    }
}
