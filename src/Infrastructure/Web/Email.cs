using System.Net.Mail;

namespace LexCustis.Infrastructure.Web;

/// <summary>What is taken as an e-mail address: something@domain without white space; whether it exists, only a message could tell.</summary>
internal static class Email
{
    /// <summary>RFC 5321, 4.5.3.1.3: a path of 256 octets with its two brackets.</summary>
    public const int MaximumLength = 254;

    public const string Want = "Use an e-mail address such as name@example.org.";

    public static bool IsValid(string? email)
    {
        var text = email?.Trim();
        return text is { Length: > 2 and <= MaximumLength } && !text.Any(static character => char.IsWhiteSpace(character) || char.IsControl(character))
            && MailAddress.TryCreate(text, out var address) && address.Address == text && address.DisplayName.Length == 0;
    }

    /// <summary>Addresses that differ in case alone are the same account.</summary>
    public static string Normalize(string email) => email.Trim().ToLowerInvariant();
}

/// <summary>Length is what makes a password; rules on its characters make it predictable (NIST SP 800-63B, 5.1.1.2).</summary>
internal static class Password
{
    public const int MinimumLength = 10;

    /// <summary>Bounds the work of hashing.</summary>
    public const int MaximumLength = 256;

    public const string Want = "Use between 10 and 256 characters.";

    public static bool IsValid(string? password) => password is { Length: >= MinimumLength and <= MaximumLength } && !string.IsNullOrWhiteSpace(password);
}
