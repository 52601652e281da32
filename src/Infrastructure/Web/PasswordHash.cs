using System.Globalization;
using System.Security.Cryptography;

namespace LexCustis.Infrastructure.Web;

/// <summary>PBKDF2-HMAC-SHA512 (RFC 8018), stored as <c>pbkdf2-sha512$iterations$salt$hash</c> in base64.</summary>
internal static class PasswordHash
{
    /// <summary>OWASP's Password Storage Cheat Sheet asks for 210,000 with SHA-512; rounded up. Older hashes are renewed at sign-in.</summary>
    public const int Iterations = 250_000;

    private const string Name = "pbkdf2-sha512";
    private const int SaltLength = 16;
    private const int HashLength = 64;

    /// <summary>What an unknown address is checked against: the same work as a known one.</summary>
    public static readonly string Nobody = Format(Iterations, new byte[SaltLength], new byte[HashLength]);

    // A hash takes a tenth of a second of a core: more of them at once than cores only makes everyone wait longer.
    private static readonly SemaphoreSlim Cores = new(Math.Max(1, Environment.ProcessorCount - 1));

    public static async Task<string> CreateAsync(string password, CancellationToken cancellationToken)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        return Format(Iterations, salt, await DeriveAsync(password, salt, Iterations, cancellationToken));
    }

    /// <param name="stored">Null for an address that no one has: the check takes as long and fails.</param>
    public static async Task<bool> VerifyAsync(string password, string? stored, CancellationToken cancellationToken)
    {
        var parts = (stored ?? Nobody).Split('$');
        if (parts.Length != 4 || parts[0] != Name)
            throw new InvalidDataException("A stored password hash is not of a known form.");

        var iterations = int.Parse(parts[1], CultureInfo.InvariantCulture);
        var actual = await DeriveAsync(password, Convert.FromBase64String(parts[2]), iterations, cancellationToken);
        return CryptographicOperations.FixedTimeEquals(actual, Convert.FromBase64String(parts[3])) && stored is not null;
    }

    /// <summary>True when the hash was made at a lower cost than today's.</summary>
    public static bool IsOutdated(string stored) => !stored.StartsWith($"{Name}${Iterations}$", StringComparison.Ordinal);

    private static async Task<byte[]> DeriveAsync(string password, byte[] salt, int iterations, CancellationToken cancellationToken)
    {
        await Cores.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA512, HashLength), cancellationToken);
        }
        finally
        {
            Cores.Release();
        }
    }

    private static string Format(int iterations, byte[] salt, byte[] hash) =>
        string.Create(CultureInfo.InvariantCulture, $"{Name}${iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");
}
