using System.Security.Cryptography;

namespace LexCustis.Infrastructure.Audit;

/// <summary>AES-256-GCM as this product stores it: nonce(12) || ciphertext || tag(16).</summary>
internal static class SealedBox
{
    private const int NonceLength = 12;
    private const int TagLength = 16;

    /// <param name="associated">Bound to the result, not part of it: what the box belongs to.</param>
    public static byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> associated = default)
    {
        var box = new byte[NonceLength + plain.Length + TagLength];
        var nonce = box.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(nonce, plain, box.AsSpan(NonceLength, plain.Length), box.AsSpan(NonceLength + plain.Length), associated);
        return box;
    }

    /// <exception cref="CryptographicException">Another key, another owner, or a changed byte.</exception>
    public static byte[] Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> box, ReadOnlySpan<byte> associated = default)
    {
        if (box.Length < NonceLength + TagLength)
            throw new CryptographicException("The sealed value is shorter than its nonce and tag.");

        var plain = new byte[box.Length - NonceLength - TagLength];
        using var aes = new AesGcm(key, TagLength);
        aes.Decrypt(box[..NonceLength], box[NonceLength..^TagLength], box[^TagLength..], plain, associated);
        return plain;
    }
}
