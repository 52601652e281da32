using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace LexCustis.Infrastructure.Web;

/// <summary>Random secrets that clients carry: 256 bits as base64url behind a prefix that says what they are. Stored as SHA-256 only.</summary>
internal static class Secrets
{
    public const string ApiKeyPrefix = "lxc_";
    public const string RefreshTokenPrefix = "lxr_";

    public static string Create(string prefix) => prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>A plain hash suffices: nobody can guess 256 random bits.</summary>
    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
