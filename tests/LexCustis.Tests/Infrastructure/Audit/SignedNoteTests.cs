using System.Diagnostics;
using System.Security.Cryptography;
using LexCustis.Infrastructure.Audit;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Infrastructure.Audit;

public sealed class SignedNoteTests
{
    private static readonly Guid Organization = AuditChainVectors.Organization;

    [Fact]
    public void The_vectors_tree_head_is_these_very_bytes()
    {
        using var folder = new CheckpointFolder();
        var checkpoint = Checkpoint.Sign(folder.Keys, "lexcustis.example", Organization, 7, AuditChainVectors.MerkleRoot);
        Assert.Equal("lexcustis.example/018f4e6a-7c1b-7a52-9d3e-0b5a6c7d8e9f\n7\nKncizU9aqCGwTlCK/O5iBikg6Ncnr9OTcNibnUFnIbA=\n".Length, checkpoint.Note.Text.Length);
        Assert.Equal($"lexcustis.example/{Organization}\n7\n{Convert.ToBase64String(AuditChainVectors.MerkleRoot)}\n", checkpoint.Note.Text);

        var signature = Assert.Single(checkpoint.Note.Signatures);
        Assert.Equal(checkpoint.Note.Text + $"\n\u2014 lexcustis.example/{Organization} {Convert.ToBase64String([.. signature.KeyId, .. signature.Value])}\n", checkpoint.Note.ToString());
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(folder.KeyFile));
        Assert.Equal(SHA256.HashData(key.ExportSubjectPublicKeyInfo())[..4], signature.KeyId);
        Assert.True(key.VerifyData(checkpoint.Note.SignedBytes, signature.Value, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));

        Assert.True(Checkpoint.TryRead(checkpoint.Note.ToString(), Organization, out var read));
        Assert.Equal((checkpoint.Origin, 7L, Convert.ToHexString(AuditChainVectors.MerkleRoot)), (read.Origin, read.Size, Convert.ToHexString(read.Root)));
        Assert.Equal(NoteStanding.Signed, folder.Keys.Judge(read.Note));
    }

    [Theory]
    [InlineData("ecparam -name prime256v1 -genkey")]
    [InlineData("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256")]
    public async Task A_key_that_openssl_made_is_taken(string command)
    {
        using var openssl = Process.Start(new ProcessStartInfo("openssl", command) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var pem = await openssl.StandardOutput.ReadToEndAsync();
        await openssl.WaitForExitAsync();

        Assert.True(CheckpointKeys.TryParse(pem, out var keys, out _));
        Assert.True(keys.CanSign);
        Assert.True(CheckpointKeys.TryParse(keys.PublicPem, out var known, out _));
        Assert.False(known.CanSign);
        Assert.Equal((Convert.ToHexString(keys.KeyId), NoteStanding.Signed), (Convert.ToHexString(known.KeyId), known.Judge(keys.Sign("a\nb\n"))));
    }

    [Fact]
    public void Any_changed_byte_of_a_note_is_another_note_or_none()
    {
        using var folder = new CheckpointFolder();
        var note = Checkpoint.Sign(folder.Keys, "log", Organization, 7, AuditChainVectors.MerkleRoot).Note.ToString();
        for (var place = 0; place < note.Length; place++)
        {
            var changed = $"{note[..place]}{(char)(note[place] ^ 1)}{note[(place + 1)..]}";
            var accepted = Checkpoint.TryRead(changed, Organization, out var read) && folder.Keys.Judge(read.Note) == NoteStanding.Signed;
            // The key's name beside the signature is not signed; C2SP has it there to find the key.
            Assert.True(!accepted || place >= note.IndexOf('\u2014', StringComparison.Ordinal), $"byte {place}: {changed}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("a\n\n")]
    [InlineData("a\nb\n")]
    [InlineData("a\n\n\u2014 a AAAAAAAA")]
    [InlineData("a\n\n- a AAAAAAAA\n")]
    [InlineData("a\n\n\u2014 a\n")]
    [InlineData("a\n\n\u2014 a AAAA\n")]
    [InlineData("a\n\n\u2014 a ????????\n")]
    [InlineData("a\r\n\n\u2014 a AAAAAAAA\n")]
    [InlineData("a\0\n\n\u2014 a AAAAAAAA\n")]
    public void What_is_no_note_is_not_read(string text) => Assert.False(SignedNote.TryParse(text, out _));

    [Theory]
    [InlineData("log/{0}\n07\n{1}\n")]
    [InlineData("log/{0}\n-7\n{1}\n")]
    [InlineData("log/{0}\n7 \n{1}\n")]
    [InlineData("log/{0}\n7\nAAAA\n")]
    [InlineData("log/{0}\n7\n{1}\nmore\n")]
    [InlineData("log/{0}\n7\n")]
    [InlineData("log/018f4e6a-7c1b-7a52-9d3e-0b5a6c7d8e90\n7\n{1}\n")]
    [InlineData("{0}\n7\n{1}\n")]
    public void What_is_no_checkpoint_of_the_organization_is_not_read(string text)
    {
        using var folder = new CheckpointFolder();
        var note = folder.Keys.Sign(string.Format(null, text, Organization, Convert.ToBase64String(new byte[32]))).ToString();
        Assert.False(Checkpoint.TryRead(note, Organization, out _));
    }
}
