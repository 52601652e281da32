using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using LexCustis.Infrastructure.Audit;

namespace LexCustis.Tests.Infrastructure.Audit;

public sealed class SealedBoxTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(static i => (byte)i)];
    private static readonly Gen<byte[]> Bytes = Gen.Choose(0, 255).Select(static i => (byte)i).ArrayOf();

    [Fact]
    public void What_was_sealed_opens() => Check.One(
        TestChain.Seeded(300),
        Prop.ForAll(Bytes.ToArbitrary(), Bytes.ToArbitrary(), (plain, associated) =>
        {
            var box = SealedBox.Seal(Key, plain, associated);
            return box.Length == 12 + plain.Length + 16 && SealedBox.Open(Key, box, associated).AsSpan().SequenceEqual(plain);
        }));

    [Fact]
    public void No_two_boxes_are_alike() =>
        Assert.Equal(100, Enumerable.Range(0, 100).Select(static _ => Convert.ToHexString(SealedBox.Seal(Key, "same"u8))).Distinct(StringComparer.Ordinal).Count());

    [Fact]
    public void Any_flipped_bit_is_refused()
    {
        var associated = new byte[16];
        var box = SealedBox.Seal(Key, "what a person typed"u8, associated);
        AssertEachFlipIsRefused(box, () => SealedBox.Open(Key, box, associated));
        AssertEachFlipIsRefused(associated, () => SealedBox.Open(Key, box, associated));
        var key = Key.ToArray();
        AssertEachFlipIsRefused(key, () => SealedBox.Open(key, box, associated));
    }

    [Fact]
    public void A_box_cut_short_is_refused()
    {
        var box = SealedBox.Seal(Key, "what a person typed"u8);
        for (var length = 0; length < box.Length; length++)
            Assert.ThrowsAny<CryptographicException>(() => SealedBox.Open(Key, box.AsSpan(0, length)));
    }

    private static void AssertEachFlipIsRefused(byte[] bytes, Action open)
    {
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.ThrowsAny<CryptographicException>(open);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        open();
    }
}
