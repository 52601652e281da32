using LexCustis.Infrastructure.Web;

namespace LexCustis.Tests.Infrastructure.Web;

public sealed class PasswordHashTests
{
    [Fact]
    public async Task A_password_fits_its_own_hash_and_no_other_does()
    {
        var hash = await PasswordHash.CreateAsync("correct horse", CancellationToken.None);
        Assert.True(await PasswordHash.VerifyAsync("correct horse", hash, CancellationToken.None));
        Assert.False(await PasswordHash.VerifyAsync("Correct horse", hash, CancellationToken.None));
        Assert.False(PasswordHash.IsOutdated(hash));
    }

    [Fact]
    public async Task An_unknown_address_costs_the_same_derivation_as_a_known_one()
    {
        var known = (await PasswordHash.CreateAsync("x", CancellationToken.None)).Split('$');
        var unknown = PasswordHash.Nobody.Split('$');

        // Algorithm and iterations alike, salt and hash of the same lengths: PBKDF2 has no other cost.
        Assert.Equal((known[0], known[1], known[2].Length, known[3].Length), (unknown[0], unknown[1], unknown[2].Length, unknown[3].Length));
        Assert.False(await PasswordHash.VerifyAsync("x", stored: null, CancellationToken.None));
    }

    [Fact]
    public async Task The_check_for_an_unknown_address_waits_its_turn_and_derives()
    {
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();
        // It goes through the derivation, which a caller that left can stop; an early return could not be stopped.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PasswordHash.VerifyAsync("x", stored: null, gone.Token));
    }

    [Fact]
    public void The_cost_is_at_least_what_is_recommended() => Assert.True(PasswordHash.Iterations >= 210_000);

    [Fact]
    public async Task Two_hashes_of_one_password_differ() =>
        Assert.NotEqual(await PasswordHash.CreateAsync("x", CancellationToken.None), await PasswordHash.CreateAsync("x", CancellationToken.None));

    [Theory]
    [InlineData("plain")]
    [InlineData("bcrypt$1$AA==$AA==")]
    public async Task A_hash_of_an_unknown_form_is_an_error(string stored) =>
        await Assert.ThrowsAsync<InvalidDataException>(() => PasswordHash.VerifyAsync("x", stored, CancellationToken.None));
}
