using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using LexCustis.Infrastructure.Configuration;
using LexCustis.Infrastructure.Redis;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Auth;

/// <summary>Slows guessing: attempts are limited by the caller's address and by the account, whether or not such an account exists.</summary>
internal sealed class SignInLimit(RateLimiter limiter, Settings settings)
{
    private const int AttemptsPerAccountAndMinute = 10;

    /// <returns>Null when the attempt may go on.</returns>
    public async Task<ProblemHttpResult?> TakeAsync(HttpContext http, string? account, CancellationToken cancellationToken)
    {
        var byAddress = await limiter.TakeAsync($"ip:{NetworkOf(http.Connection.RemoteIpAddress)}", settings.RateLimitPerMinute, cancellationToken);
        if (!byAddress.Allowed)
            return Refuse(http, byAddress, "Too many requests from this address.");
        if (account is null)
            return null;

        var byAccount = await limiter.TakeAsync(KeyOf(account), AttemptsPerAccountAndMinute, cancellationToken);
        return byAccount.Allowed ? null : Refuse(http, byAccount, "Too many attempts to sign in to this account.");
    }

    /// <summary>A right password clears the account's attempts.</summary>
    public ValueTask ForgetAsync(string account, CancellationToken cancellationToken) => limiter.ForgetAsync(KeyOf(account), cancellationToken);

    /// <summary>A subscriber has a whole IPv6 /64 to call from (RFC 6177), so that is what counts as one address.</summary>
    private static string NetworkOf(IPAddress? address) => address is { AddressFamily: AddressFamily.InterNetworkV6 }
        ? $"{new IPAddress([.. address.GetAddressBytes().AsSpan(0, 8), .. new byte[8]])}/64"
        : $"{address}";

    // The address itself has no business in Redis.
    private static string KeyOf(string account) => $"login:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Email.Normalize(account))))}";

    private static ProblemHttpResult Refuse(HttpContext http, RateDecision decision, string what) =>
        Problems.TooManyRequests(http, decision.RetryAfter, "Too many attempts", $"{what} Try again after the seconds in Retry-After.");
}
