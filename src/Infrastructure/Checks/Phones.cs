using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LexCustis.Infrastructure.Text;

namespace LexCustis.Infrastructure.Checks;

/// <summary>Telephone numbers: E.164 with its country codes (ITU-T E.164 list), and the national forms that begin with 0.</summary>
internal static class Phones
{
    private const int MostDigits = 15;

    // Country code, country, fewest and most national digits. Others of the ITU list are accepted by the general bounds.
    private static readonly (int Code, string Country, int Fewest, int Most)[] Plans =
    [
        (30, "GR", 10, 10), (31, "NL", 9, 9), (32, "BE", 8, 9), (33, "FR", 9, 9), (34, "ES", 9, 9), (36, "HU", 8, 9), (39, "IT", 6, 11),
        (40, "RO", 9, 9), (41, "CH", 9, 9), (43, "AT", 7, 13), (44, "GB", 9, 10), (45, "DK", 8, 8), (46, "SE", 7, 9), (47, "NO", 8, 8),
        (48, "PL", 9, 9), (49, "DE", 7, 12), (351, "PT", 9, 9), (352, "LU", 6, 9), (353, "IE", 7, 9), (354, "IS", 7, 9), (356, "MT", 8, 8),
        (357, "CY", 8, 8), (358, "FI", 6, 11), (359, "BG", 7, 9), (370, "LT", 8, 8), (371, "LV", 8, 8), (372, "EE", 7, 8), (385, "HR", 8, 9),
        (386, "SI", 8, 8), (420, "CZ", 9, 9), (421, "SK", 9, 9), (423, "LI", 7, 7), (1, "US", 10, 10),
    ];

    /// <summary>A number behind a plus sign at <paramref name="plus"/>.</summary>
    public static bool TryInternational(ReadOnlySpan<char> text, int plus, out int end, out string? country)
    {
        country = null;
        var digits = new Digits(text, plus + 1);
        while (digits.Count >= 7)
        {
            end = digits.End;
            if (IsAssigned(digits, out country))
                return true;
            if (!digits.DropLastGroup())
                break;
        }

        end = plus;
        return false;
    }

    /// <summary>
    /// A number without a plus sign. Behind a label any seven to fifteen digits are one; without it only 00 and a known country, a
    /// 0 in customary groups, and the contiguous mobile forms of FR, GB, NL and DE.
    /// </summary>
    public static bool TryNational(ReadOnlySpan<char> text, int start, bool labelled, out int end, out double confidence)
    {
        var digits = new Digits(text, start);
        confidence = labelled ? 0.9 : 0.75;
        while (digits.Count >= 7)
        {
            end = digits.End;
            if (!digits.LooksLikeDate && (digits.Head(2) == 0 ? IsAssigned(digits.WithoutExit(), out _)
                : labelled ? digits.Count <= MostDigits
                : digits[0] == 0 && IsNational(digits)))
            {
                return true;
            }

            if (!digits.DropLastGroup())
                break;
        }

        end = start;
        return false;
    }

    private static bool IsNational(Digits digits) => digits.Groups >= 2
        ? digits.Count is >= 9 and <= 12 && digits.FirstGroup is >= 2 and <= 5
        : (digits.Count == 10 && digits[1] is 6 or 7) || (digits.Count == 11 && digits[1] == 7)
            || (digits.Count is 11 or 12 && digits[1] == 1 && digits[2] is 5 or 6 or 7);

    private static bool IsAssigned(Digits digits, out string? country)
    {
        country = null;
        if (digits.Count is < 7 or > MostDigits || digits[0] == 0)
            return false;
        foreach (var plan in Plans)
        {
            var length = plan.Code < 10 ? 1 : plan.Code < 100 ? 2 : 3;
            if (digits.Head(length) != plan.Code)
                continue;
            // "+44 (0) 20 …": the trunk zero is written but not dialled.
            var national = digits.Count - length - (digits[length] == 0 && plan.Country != "IT" ? 1 : 0);
            country = plan.Country;
            return national >= plan.Fewest && national <= plan.Most;
        }

        return digits.Count >= 9;
    }

    /// <summary>The digits of up to sixteen places from a position on, and where their groups begin.</summary>
    [StructLayout(LayoutKind.Auto)]
    private struct Digits
    {
        private const int Most = 16;
        private Ends _ends;
        private ulong _value;
        private uint _starts;

        public Digits(ReadOnlySpan<char> text, int start)
        {
            var separators = 0;
            var i = start;
            for (; i < text.Length && separators <= 3; i++)
            {
                var symbol = Fold.Symbol(text[i]);
                if (Fold.IsDigit(symbol))
                {
                    if (Count == Most)
                        break;
                    if (separators > 0 || Count == 0)
                        _starts |= 1u << Count;
                    _value = (_value << 4) | (uint)(symbol - Fold.Digit0);
                    _ends[Count++] = i + 1;
                    separators = 0;
                }
                else if (symbol == Fold.Break && IsSeparator(text[i]) && !(separators > 0 && text[i] is '\n' && text[i - 1] != '\r'))
                {
                    separators++;
                }
                else if (symbol != Fold.Skip)
                {
                    break;
                }
            }

            // A letter or a seventeenth digit hard behind makes the last group part of something else.
            if (Count > 0 && separators == 0 && i < text.Length && Fold.Symbol(text[i]) > Fold.Skip && !DropLastGroup())
                Count = 0;
        }

        public int Count { get; private set; }

        public readonly int End => _ends[Count - 1];

        public readonly int Groups => BitOperations.PopCount(_starts);

        public readonly int FirstGroup => Groups == 1 ? Count : BitOperations.TrailingZeroCount(_starts & ~1u);

        /// <summary>31.12.2024 … or 2024-12-31 …</summary>
        public readonly bool LooksLikeDate => Count >= 8 && (_starts & 0xFF) is 0b0001_0101 or 0b0101_0001;

        public readonly int this[int index] => (int)(_value >> (4 * (Count - 1 - index))) & 15;

        public readonly int Head(int length)
        {
            var head = 0;
            for (var i = 0; i < length; i++)
                head = (head * 10) + this[i];
            return head;
        }

        public readonly Digits WithoutExit()
        {
            var rest = this;
            rest.Count -= 2;
            return rest;
        }

        public bool DropLastGroup()
        {
            var last = BitOperations.Log2(_starts);
            if (last == 0)
                return false;
            _value >>= 4 * (Count - last);
            _starts &= (1u << last) - 1;
            Count = last;
            return true;
        }

        private static bool IsSeparator(char c) => c is ' ' or '.' or '-' or '/' or '(' or ')' or '\u00A0' or '\u202F' or '\u2009'
            or '\u2010' or '\u2011' or '\u2013' or '\n' or '\r';

        [InlineArray(Most)]
        private struct Ends
        {
            private int _first;
        }
    }
}
