using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace LexCustis.Infrastructure.Audit;

/// <summary>
/// The keys above all others. They live outside PostgreSQL, so that whoever holds the database alone can neither read what people
/// typed nor rewrite the log unseen. The first is current, the others verify and decrypt only.
/// </summary>
internal sealed class MasterKeys
{
    private readonly Dictionary<string, byte[]> keys;

    private MasterKeys(string current, Dictionary<string, byte[]> keys) => (Current, this.keys) = (current, keys);

    /// <summary>The key id (<c>kid</c>) that new entries are written under.</summary>
    public string Current { get; }

    /// <summary>All of them, the current one first.</summary>
    public string[] Kids => [Current, .. keys.Keys.Where(kid => kid != Current)];

    public bool Knows(string kid) => keys.ContainsKey(kid);

    /// <summary>HMAC key of one organization's chain: HKDF-SHA256 (RFC 5869), salt = the id's 16 bytes in network order.</summary>
    public byte[] ChainKey(string kid, Guid organization) => Derive(kid, organization, "lexcustis/audit-chain/v1"u8);

    /// <summary>AES-256-GCM key that wraps the data keys of one organization's people.</summary>
    public byte[] SubjectWrapKey(string kid, Guid organization) => Derive(kid, organization, "lexcustis/subject-keys/v1"u8);

    /// <summary>AES-256-GCM key for an organization's settings that must not be readable in the database, such as its provider's API key.</summary>
    public byte[] SettingsKey(string kid, Guid organization) => Derive(kid, organization, "lexcustis/settings/v1"u8);

    /// <param name="text"><c>kid:base64(32 bytes)</c>, separated by commas.</param>
    /// <param name="reason">What is wrong, without repeating a key.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out MasterKeys? masterKeys, [NotNullWhen(false)] out string? reason)
    {
        masterKeys = null;
        var read = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        string? current = null;
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var number = read.Count + 1;
            var colon = part.IndexOf(':');
            if (colon <= 0 || colon > 64)
            {
                reason = $"key {number} has no kid of 1 to 64 characters before a colon.";
                return false;
            }

            var kid = part[..colon];
            foreach (var character in kid)
            {
                if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.'))
                {
                    reason = $"the kid of key {number} has a character other than letters, digits, '-', '_' and '.'.";
                    return false;
                }
            }

            var bytes = new byte[33];
            if (!Convert.TryFromBase64String(part[(colon + 1)..], bytes, out var length) || length != 32)
            {
                reason = $"key {number} is not the base64 of 32 bytes.";
                return false;
            }

            if (!read.TryAdd(kid, bytes[..32]))
            {
                reason = $"the kid {kid} stands twice.";
                return false;
            }

            current ??= kid;
        }

        if (current is null)
        {
            reason = "has no key.";
            return false;
        }

        (masterKeys, reason) = (new MasterKeys(current, read), null);
        return true;
    }

    private byte[] Derive(string kid, Guid organization, ReadOnlySpan<byte> info)
    {
        Span<byte> salt = stackalloc byte[16];
        organization.TryWriteBytes(salt, bigEndian: true, out _);
        var key = new byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, keys[kid], key, salt, info);
        return key;
    }
}
