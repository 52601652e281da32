using System.Net;
using LexCustis.Infrastructure.Text;

namespace LexCustis.Infrastructure.Checks;

/// <summary>Addresses of machines and mailboxes. Each method looks a bounded distance around one telling character.</summary>
internal static class Addresses
{
    // RFC 5321: 64 octets before the @, 255 behind.
    private const int LongestLocal = 64;
    private const int LongestDomain = 255;
    private const int LongestUrl = 512;

    public static bool TryEmail(ReadOnlySpan<char> text, int at, out int start, out int end)
    {
        start = at;
        while (start > 0 && at - start < LongestLocal && (IsLocal(text[start - 1]) || IsInvisible(text[start - 1])))
            start--;
        while (start < at && (text[start] is '.' or '-' or '\'' or '_' or '+' or '*' || IsInvisible(text[start])))
            start++;
        end = at + 1;
        var lastDot = -1;
        var limit = Math.Min(text.Length, at + 1 + LongestDomain);
        while (end < limit && (IsDomain(text[end]) || IsInvisible(text[end])))
        {
            if (text[end] == '.')
                lastDot = end;
            end++;
        }

        // A sentence's full stop is no part of the domain, nor is what an empty label leaves behind.
        while (end > at + 1 && (text[end - 1] is '.' or '-' || IsInvisible(text[end - 1])))
            end--;
        lastDot = text[at..end].LastIndexOf('.') + at;
        return start < at && lastDot > at + 1 && end - lastDot > 2 && IsTopLevel(text[(lastDot + 1)..end]);
    }

    /// <summary><c>scheme://user:password@host</c>, found at the colon of the scheme.</summary>
    public static bool TryUrlCredentials(ReadOnlySpan<char> text, int colon, out int start, out int end)
    {
        start = end = colon;
        if (colon == 0 || !text[colon..].StartsWith("://"))
            return false;
        var i = colon + 3;
        var limit = Math.Min(text.Length, i + LongestUrl);
        int second = -1, at = -1;
        for (; i < limit && !char.IsWhiteSpace(text[i]) && text[i] is not ('/' or '"' or '<' or '>' or '?' or '#'); i++)
        {
            if (text[i] == ':' && second < 0)
                second = i;
            else if (text[i] == '@')
                at = i;
        }

        if (second < 0 || at < second + 2 || second == colon + 3 && at == second + 1 || i == at + 1)
            return false;
        while (start > 0 && colon - start < 16 && (char.IsAsciiLetterOrDigit(text[start - 1]) || text[start - 1] is '+' or '.' or '-'))
            start--;
        end = i;
        while (end > at + 1 && text[end - 1] is '.' or ',' or ')' or ';')
            end--;
        return start < colon && !char.IsSurrogate(text[end - 1]);
    }

    /// <summary>Four decimal numbers up to 255 without leading zeros; a fifth makes it a version or a section.</summary>
    public static bool TryIpV4(ReadOnlySpan<char> text, int start, out int end)
    {
        end = start;
        if (start > 0 && (text[start - 1] is '.' or '-' or '/' or '§'))
            return false;
        for (var part = 0; part < 4; part++)
        {
            if (part > 0 && (end >= text.Length || text[end++] != '.'))
                return false;
            var from = end;
            var value = 0;
            while (end < text.Length && char.IsAsciiDigit(text[end]) && end - from < 3)
                value = (value * 10) + text[end++] - '0';
            if (end == from || value > 255 || (end - from > 1 && text[from] == '0'))
                return false;
        }

        return end == text.Length || (Fold.Symbol(text[end]) <= Fold.Skip && !(text[end] == '.' && end + 1 < text.Length && char.IsAsciiDigit(text[end + 1])));
    }

    /// <summary>RFC 4291 text form. "10:30:00" has too few colons, the loopback and unspecified addresses tell nothing.</summary>
    public static bool TryIpV6(ReadOnlySpan<char> text, int start, out int end)
    {
        end = start;
        int colons = 0;
        var shortened = false;
        var limit = Math.Min(text.Length, start + 45);
        while (end < limit && (char.IsAsciiHexDigit(text[end]) || text[end] == ':' || (text[end] == '.' && colons > 1)))
        {
            shortened |= text[end] == ':' && end > start && text[end - 1] == ':';
            colons += text[end] == ':' ? 1 : 0;
            end++;
        }

        while (end > start && text[end - 1] is '.')
            end--;
        if ((start > 0 && text[start - 1] == ':') || colons < 2 || (!shortened && colons != 7 && colons != 6) || (end < text.Length && Fold.Symbol(text[end]) > Fold.Skip))
            return false;
        return IPAddress.TryParse(text[start..end], out _);
    }

    /// <summary>Six hexadecimal pairs parted by one kind of colon or dash, or three fours parted by dots.</summary>
    public static bool TryMac(ReadOnlySpan<char> text, int start, out int end)
    {
        end = start;
        if (start + 14 > text.Length)
            return false;
        var width = text[start + 2] is ':' or '-' ? 2 : text[start + 4] == '.' ? 4 : 0;
        if (width == 0 || (start > 0 && text[start - 1] is ':' or '-' or '.'))
            return false;
        var separator = text[start + width];
        var groups = 12 / width;
        for (var group = 0; group < groups; group++)
        {
            if (group > 0 && (end >= text.Length || text[end++] != separator))
                return false;
            for (var i = 0; i < width; i++, end++)
            {
                if (end >= text.Length || !char.IsAsciiHexDigit(text[end]))
                    return false;
            }
        }

        // A sentence's full stop may follow, a further group may not.
        return end == text.Length || (Fold.Symbol(text[end]) == Fold.Break
            && (text[end] != separator || (separator == '.' && (end + 1 == text.Length || Fold.Symbol(text[end + 1]) == Fold.Break))));
    }

    /// <summary>Twelve hexadecimal digits behind their label: bare, in pairs parted by blanks, or in two sixes parted by a dash.</summary>
    public static bool TryLabelledMac(ReadOnlySpan<char> text, int start, out int end)
    {
        end = start;
        int digits = 0, group = 0, size = 0;
        var separator = '\0';
        for (var i = start; i < text.Length; i++)
        {
            if (char.IsAsciiHexDigit(text[i]))
            {
                digits++;
                group++;
                end = i + 1;
                continue;
            }

            // The first group's size and separator bind the others.
            if (digits == 12 || i + 1 >= text.Length || text[i] is not (' ' or '-' or '\u00A0') || !char.IsAsciiHexDigit(text[i + 1]))
                break;
            if (separator == '\0')
                (separator, size) = (text[i], group);
            if (text[i] != separator || group != size || (separator == '-' ? size != 6 : size != 2))
                return false;
            group = 0;
        }

        return digits == 12 && (size == 0 || group == size) && (end == text.Length || Fold.Symbol(text[end]) <= Fold.Skip);
    }

    private static bool IsLocal(char c) => Fold.Symbol(c) > Fold.Skip || c is '.' or '_' or '-' or '+' or '%' or '\'' or '!' or '#' or '*' or '=' or '~';

    private static bool IsDomain(char c) => Fold.Symbol(c) > Fold.Skip || c is '.' or '-' or '．';

    private static bool IsInvisible(char c) => Fold.Symbol(c) == Fold.Skip;

    // "logo@2x.png" is a picture for dense screens.
    private static bool IsTopLevel(ReadOnlySpan<char> label)
    {
        foreach (var c in label)
        {
            if (Fold.IsDigit(Fold.Symbol(c)) || c == '-')
                return false;
        }

        return label is not ("png" or "jpg" or "jpeg" or "gif" or "svg" or "webp" or "ico" or "css" or "js");
    }
}
