using System.Buffers;
using System.Collections.Frozen;

namespace LexCustis.Infrastructure.Checks;

/// <summary>
/// An e-mail address or the host of a web address, read as one word: what stands in it was chosen by who owns the name, and
/// "example.com" is no talk about examples. The path of an address is read as words, for it says what is carried there.
/// </summary>
internal static class AddressWord
{
    // Longer ones are read as words; so each word is looked at a bounded number of times.
    private const int Longest = 96;

    private static readonly SearchValues<char> Name = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-+@");

    // A full stop without a blank behind it joins two sentences as often as a host ("done.It was"): what has neither scheme nor path must
    // end in one of these, written small.
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> TopLevels = FrozenSet.Create(
        StringComparer.Ordinal, "com", "net", "org", "info", "biz", "io", "dev", "app", "eu", "de", "fr", "es", "it", "at", "ch", "be", "nl",
        "uk", "pl", "ai", "co", "cc", "xyz", "example", "invalid", "test", "local", "internal").GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>
    /// The end of the address whose first word is <paramref name="start"/>..<paramref name="wordEnd"/>; <paramref name="wordEnd"/> itself
    /// where none stands there.
    /// </summary>
    public static int End(ReadOnlySpan<char> text, int start, int wordEnd)
    {
        if (wordEnd == text.Length || text[wordEnd] is not ('.' or '@' or ':' or '-' or '_' or '+'))
            return wordEnd;
        var from = start;
        if (text[wordEnd] == ':')
        {
            if (!text[wordEnd..].StartsWith("://"))
                return wordEnd;
            from = wordEnd + 3;
        }

        var rest = text.Slice(from, Math.Min(Longest, text.Length - from));
        var length = rest.IndexOfAnyExcept(Name);
        var host = rest[..(length < 0 ? rest.Length : length)].TrimEnd(".-_+@");
        if (from > start || host.IndexOf('@') > 0)
            return from + host.Length;
        var dot = host.LastIndexOf('.');
        if (dot < 1 || host.Length - dot < 3 || host[(dot + 1)..].ContainsAnyExceptInRange('A', 'z'))
            return wordEnd;
        var followed = from + host.Length < text.Length && text[from + host.Length] is '/' or '?';
        return followed || TopLevels.Contains(host[(dot + 1)..]) ? from + host.Length : wordEnd;
    }
}
