using System.Collections.Frozen;

namespace LexCustis.Infrastructure.Checks;

/// <summary>Keys and tokens: by the prefixes that their issuers document, and behind a label by how random they look.</summary>
internal static class Secrets
{
    private const int Longest = 4096;
    private const int ShortestByEntropy = 8;

    // Prefix, fewest characters behind it, and what may stand there besides letters and digits.
    private static readonly (string Prefix, int Tail, string Also, string Type)[] Shapes =
    [
        ("sk-", 20, "-_", "api_key"), ("sk_live_", 16, "", "api_key"), ("sk_test_", 16, "", "api_key"), ("rk_live_", 16, "", "api_key"),
        ("pk_live_", 16, "", "api_key"), ("whsec_", 24, "", "api_key"), ("ghp_", 36, "", "api_key"), ("gho_", 36, "", "api_key"),
        ("ghu_", 36, "", "api_key"), ("ghs_", 36, "", "api_key"), ("ghr_", 36, "", "api_key"), ("github_pat_", 40, "_", "api_key"),
        ("glpat-", 20, "-_", "api_key"), ("gldt-", 20, "-_", "api_key"), ("xoxb-", 20, "-", "api_key"), ("xoxp-", 20, "-", "api_key"),
        ("xoxa-", 20, "-", "api_key"), ("xapp-", 20, "-", "api_key"), ("AKIA", 16, "", "api_key"), ("ASIA", 16, "", "api_key"),
        ("AIza", 35, "-_", "api_key"), ("ya29.", 20, "-_", "api_key"), ("GOCSPX-", 28, "-_", "api_key"), ("SG.", 40, "-_.", "api_key"),
        ("npm_", 36, "", "api_key"), ("pypi-", 40, "-_", "api_key"), ("hf_", 30, "", "api_key"), ("dop_v1_", 64, "", "api_key"),
        ("dckr_pat_", 20, "-_", "api_key"), ("shpat_", 32, "", "api_key"), ("lin_api_", 32, "", "api_key"), ("gsk_", 40, "", "api_key"),
        ("xai-", 40, "", "api_key"), ("pplx-", 40, "", "api_key"), ("lxc_", 24, "-_", "api_key"), ("AGE-SECRET-KEY-1", 50, "", "private_key"),
        ("eyJ", 30, "-_.", "jwt"),
    ];

    private static readonly FrozenDictionary<char, (string Prefix, int Tail, string Also, string Type)[]> ByFirst =
        Shapes.GroupBy(shape => shape.Prefix[0]).ToFrozenDictionary(group => group.Key, group => group.ToArray());

    public static bool TryKnownShape(ReadOnlySpan<char> text, int start, out int end, out string type)
    {
        foreach (var shape in ByFirst.GetValueOrDefault(text[start], []))
        {
            if (!text[start..].StartsWith(shape.Prefix))
                continue;
            end = start + shape.Prefix.Length;
            end = TailEnd(text, end, shape.Also);
            // A JWT is three parts of base64url; the first two are JSON objects and so begin alike.
            if (end - start < shape.Prefix.Length + shape.Tail || (shape.Type == "jwt" && text[start..end].Count('.') != 2))
                continue;
            type = shape.Type;
            return true;
        }

        (end, type) = (start, "");
        return false;
    }

    /// <summary>Behind "password:" or "api key:" a word of mixed kinds of characters, at least eight, that no language would write.</summary>
    public static bool TryByEntropy(ReadOnlySpan<char> text, int start, out int end)
    {
        end = start;
        if (start > 1 && char.IsAsciiLetterOrDigit(text[start - 1]))
            return false;
        var limit = Math.Min(text.Length, start + Longest);
        while (end < limit && text[end] > ' ' && text[end] < '\u007F' && text[end] is not ('"' or '\'' or ',' or ';' or '<' or '>' or '`'))
            end++;
        while (end > start && text[end - 1] is '.' or ')' or ']' or '}' or ':' or '?')
            end--;
        var value = text[start..end];
        if (value.Length < ShortestByEntropy || (value.IndexOf('@') is var at && at > 0 && value[at..].Contains('.')))
            return false;
        var kinds = (value.ContainsAnyInRange('a', 'z') ? 1 : 0) + (value.ContainsAnyInRange('A', 'Z') ? 1 : 0)
            + (value.ContainsAnyInRange('0', '9') ? 1 : 0) + (value.ContainsAnyExceptInRange('0', 'z') ? 1 : 0);
        return kinds >= 2 && value.ContainsAnyInRange('0', '9') && BitsPerCharacter(value[..Math.Min(value.Length, 128)]) >= 2.75;
    }

    /// <summary>A PEM block (RFC 7468) that holds a private key, to its end line or, cut off, to where it stops.</summary>
    public static bool TryPem(ReadOnlySpan<char> text, int start, out int end)
    {
        end = start;
        var rest = text[start..];
        if (!rest.StartsWith("-----BEGIN "))
            return false;
        var head = rest[..Math.Min(rest.Length, 64)];
        var label = head.IndexOf("PRIVATE KEY");
        if (label < 0 || head[..label].Contains('\n'))
            return false;
        var body = rest[..Math.Min(rest.Length, Longest * 2)];
        var footer = body.IndexOf("-----END ");
        if (footer < 0)
        {
            end = start + label + "PRIVATE KEY".Length;
            return true;
        }

        var close = body[(footer + 9)..].IndexOf("-----");
        end = start + (close < 0 ? footer + 8 : footer + 9 + close + 5);
        return true;
    }

    private static int TailEnd(ReadOnlySpan<char> text, int index, string also)
    {
        var limit = Math.Min(text.Length, index + Longest);
        while (index < limit && (char.IsAsciiLetterOrDigit(text[index]) || also.Contains(text[index])))
            index++;
        while (index > 0 && text[index - 1] == '.')
            index--;
        return index;
    }

    private static double BitsPerCharacter(ReadOnlySpan<char> value)
    {
        Span<int> counts = stackalloc int[128];
        counts.Clear();
        foreach (var c in value)
            counts[c & 127]++;
        double bits = 0;
        foreach (var count in counts)
        {
            if (count > 0)
                bits -= (double)count / value.Length * Math.Log2((double)count / value.Length);
        }

        return bits;
    }
}
