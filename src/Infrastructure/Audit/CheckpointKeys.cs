using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace LexCustis.Infrastructure.Audit;

/// <summary>
/// The keys that sign what leaves the house: checkpoints and dossiers. ECDSA on P-256 over SHA-256, signatures in DER (C2SP signed-note, type
/// 0x02). The first is current; further ones, of which the public half is enough, verify what was signed before.
/// </summary>
internal sealed class CheckpointKeys
{
    private const string P256 = "1.2.840.10045.3.1.7";

    private readonly List<Key> keys;

    private CheckpointKeys(List<Key> keys)
    {
        this.keys = keys;
        PublicPem = string.Concat(keys.Select(static key => key.PublicPem));
    }

    /// <summary>First 4 bytes of SHA-256 of the current key's SubjectPublicKeyInfo.</summary>
    public byte[] KeyId => keys[0].Id;

    /// <summary>SHA-256 of the current key's SubjectPublicKeyInfo.</summary>
    public byte[] Fingerprint => keys[0].Fingerprint;

    /// <summary>False where only public keys are known: enough to verify.</summary>
    public bool CanSign => keys[0].CanSign;

    /// <summary>All public keys, the current one first.</summary>
    public string PublicPem { get; }

    /// <param name="pem">A private key (PKCS #8 or SEC 1), or public keys (SubjectPublicKeyInfo); retired ones after it.</param>
    /// <param name="reason">What is wrong, without repeating a key.</param>
    public static bool TryParse(string pem, [NotNullWhen(true)] out CheckpointKeys? keys, [NotNullWhen(false)] out string? reason)
    {
        keys = null;
        var read = new List<Key>();
        for (var rest = pem.AsSpan(); PemEncoding.TryFind(rest, out var found); rest = rest[found.Location.End..])
        {
            // `openssl ecparam -genkey` writes the curve's name before the key.
            if (rest[found.Label] is "EC PARAMETERS")
                continue;

            var ecdsa = ECDsa.Create();
            try
            {
                ecdsa.ImportFromPem(rest[found.Location]);
                if (ecdsa.ExportParameters(includePrivateParameters: false).Curve.Oid.Value != P256)
                    throw new CryptographicException();
            }
            catch (Exception malformed) when (malformed is CryptographicException or ArgumentException)
            {
                ecdsa.Dispose();
                reason = $"PEM block {read.Count + 1} is no key on the curve P-256.";
                return false;
            }

            read.Add(new Key(ecdsa, canSign: rest[found.Label] is not "PUBLIC KEY"));
        }

        reason = read.Count == 0 ? "has no PEM block." : null;
        keys = reason is null ? new CheckpointKeys(read) : null;
        return keys is not null;
    }

    /// <summary>DER signature of the current key.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data) => keys[0].Sign(data);

    /// <summary>A note of the current key under the name that C2SP asks for: the text's first line.</summary>
    public SignedNote Sign(string text) =>
        new(text, [new NoteSignature(text[..text.IndexOf('\n', StringComparison.Ordinal)], KeyId, Sign(Encoding.UTF8.GetBytes(text)))]);

    /// <summary>Whether any key that is known here signed this.</summary>
    /// <param name="signature">DER.</param>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        foreach (var key in keys)
        {
            if (key.Verify(data, signature))
                return true;
        }

        return false;
    }

    public bool Knows(SignedNote note) => Find(note) is not null;

    /// <summary>Whether a key that is known here signed the note.</summary>
    public NoteStanding Judge(SignedNote note)
    {
        if (Find(note) is not var (key, signature))
            return NoteStanding.UnknownKey;
        if (key.Verify(note.SignedBytes, signature.Value))
            return NoteStanding.Signed;

        // DER says how long it is: a signature that ends before was cut off, as by a crash in the middle of a write.
        return signature.Value is [0x30, var length, ..] && signature.Value.Length == length + 2 ? NoteStanding.Forged : NoteStanding.Torn;
    }

    private (Key Key, NoteSignature Signature)? Find(SignedNote note)
    {
        foreach (var signature in note.Signatures)
        {
            if (keys.Find(key => key.Id.AsSpan().SequenceEqual(signature.KeyId)) is { } key)
                return (key, signature);
        }

        return null;
    }

    private sealed class Key
    {
        private readonly Lock gate = new();
        private readonly ECDsa ecdsa;

        public Key(ECDsa ecdsa, bool canSign)
        {
            this.ecdsa = ecdsa;
            CanSign = canSign;
            Fingerprint = SHA256.HashData(ecdsa.ExportSubjectPublicKeyInfo());
            Id = Fingerprint[..NoteSignature.KeyIdLength];
            PublicPem = ecdsa.ExportSubjectPublicKeyInfoPem() + "\n";
        }

        public bool CanSign { get; }

        public byte[] Fingerprint { get; }

        public byte[] Id { get; }

        public string PublicPem { get; }

        public byte[] Sign(ReadOnlySpan<byte> data)
        {
            lock (gate)
                return ecdsa.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }

        public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
        {
            lock (gate)
                return ecdsa.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
    }
}

/// <summary>What can be said of a note's signature.</summary>
internal enum NoteStanding
{
    Signed,

    /// <summary>By a key that is not known here: nothing can be said.</summary>
    UnknownKey,

    /// <summary>Cut off in the middle.</summary>
    Torn,

    /// <summary>Whole, and not made by the key that it names.</summary>
    Forged,
}
