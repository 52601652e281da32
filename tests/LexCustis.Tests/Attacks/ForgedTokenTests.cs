using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Attacks;

/// <summary>Access tokens made by hand, among them such as only a thief of the secret could make.</summary>
public sealed class ForgedTokenTests(SharedServer shared)
{
    private const string Header = """{"alg":"HS256","typ":"JWT"}""";

    [Fact]
    public async Task A_token_made_as_the_server_makes_it_is_taken_so_that_the_others_fail_for_their_own_reason()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(Sign(Header, Claims(admin))));
    }

    [Fact]
    public async Task Every_forgery_is_refused()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var member = await admin.AddUserAsync(shared.Server, "member");
        var stranger = await Api.RegisterAsync(shared.Server);
        var good = Claims(member);
        var parts = member.Token!.Split('.');
        var sid = Claim(member, "sid");
        var forgeries = new Dictionary<string, string>
        {
            ["alg none"] = $"{Encode("""{"alg":"none","typ":"JWT"}""")}.{Encode(good)}.",
            ["alg none keeping the signature"] = $"{Encode("""{"alg":"none","typ":"JWT"}""")}.{parts[1]}.{parts[2]}",
            ["alg None"] = $"{Encode("""{"alg":"None"}""")}.{Encode(good)}.",
            ["no signature"] = $"{parts[0]}.{parts[1]}.",
            ["another key"] = Sign(Header, good, "another-secret-of-forty-eight-bytes-or-a-bit-more"),
            ["an empty key"] = Sign(Header, good, ""),
            ["HS512 under the same key"] = $"{Encode("""{"alg":"HS512","typ":"JWT"}""")}.{Encode(good)}." + Base64Url.EncodeToString(HMACSHA512.HashData(Secret(), Encoding.ASCII.GetBytes($"{Encode("""{"alg":"HS512","typ":"JWT"}""")}.{Encode(good)}"))),
            ["RS256 with an HMAC"] = Sign("""{"alg":"RS256","typ":"JWT"}""", good),
            ["a role made up after signing"] = $"{parts[0]}.{Encode(good.Replace("\"role\":\"member\"", "\"role\":\"admin\"", StringComparison.Ordinal))}.{parts[2]}",
            ["another type"] = Sign("""{"alg":"HS256","typ":"at+jwt"}""", good),
            ["expired"] = Sign(Header, Claims(member, expires: -1)),
            ["without an end"] = Sign(Header, good.Replace("\"exp\"", "\"exq\"", StringComparison.Ordinal)),
            ["another issuer"] = Sign(Header, good.Replace("\"iss\":\"lexcustis\"", "\"iss\":\"elsewhere\"", StringComparison.Ordinal)),
            ["no issuer"] = Sign(Header, good.Replace("\"iss\"", "\"isx\"", StringComparison.Ordinal)),
            ["another audience"] = Sign(Header, good.Replace("\"aud\":\"lexcustis\"", "\"aud\":\"elsewhere\"", StringComparison.Ordinal)),
            ["a role there is not"] = Sign(Header, good.Replace("\"role\":\"member\"", "\"role\":\"owner\"", StringComparison.Ordinal)),
            ["a role of another's, rightly signed"] = Sign(Header, good.Replace("\"role\":\"member\"", "\"role\":\"admin\"", StringComparison.Ordinal)),
            ["another organization, rightly signed"] = Sign(Header, good.Replace(member.OrganizationId.ToString(), stranger.OrganizationId.ToString(), StringComparison.Ordinal)),
            ["a session of another organization, rightly signed"] = Sign(Header, good.Replace(sid, Claim(stranger, "sid"), StringComparison.Ordinal)),
            ["garbage"] = "garbage",
            ["dots"] = "..",
            ["a lone dot"] = ".",
            ["no base64"] = "a!.b!.c!",
            ["an encrypted token's five parts"] = "a.b.c.d.e",
            ["claims that are no object"] = Sign(Header, "[]"),
            ["claims that are no JSON"] = Sign(Header, "{"),
            ["a long one"] = Sign(Header, good[..^1] + $",\"x\":\"{new string('x', 20_000)}\"" + "}") + "x",
        };
        foreach (var claim in (string[])["sub", "org", "role", "sid"])
            forgeries[$"without {claim}"] = Sign(Header, good.Replace($"\"{claim}\"", $"\"x{claim}\"", StringComparison.Ordinal));

        var taken = new List<string>();
        foreach (var (name, token) in forgeries)
        {
            var answer = await new Api(shared.Server.Http, token).GetAsync("/api/auth/me");
            if (answer.Status != HttpStatusCode.Unauthorized || answer.MediaType != "application/problem+json" || answer.Headers.WwwAuthenticate.ToString() != "Bearer")
                taken.Add($"{name}: {(int)answer.Status} {answer.MediaType}");
        }

        Assert.Empty(taken);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(member.Token!));
    }

    [Theory]
    [InlineData("Basic YWRtaW46YWRtaW4=")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("bearer x")]
    [InlineData("Token x")]
    public async Task A_header_of_another_kind_is_refused(string header)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/auth/me");
        request.Headers.TryAddWithoutValidation("Authorization", header);
        using var response = await shared.Server.Http.SendAsync(request);
        Assert.Equal((HttpStatusCode.Unauthorized, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
    }

    [Fact]
    public async Task A_header_longer_than_any_token_is_refused_by_its_length()
    {
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, await AskAsync(new string('a', 100_000)));
        Assert.Equal(HttpStatusCode.OK, (await new Api(shared.Server.Http, null).GetAsync("/healthz")).Status);
    }

    private async Task<HttpStatusCode> AskAsync(string token) => (await new Api(shared.Server.Http, token).GetAsync("/api/auth/me")).Status;

    private static string Claims(Api person, int expires = 600)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return $$"""{"iss":"lexcustis","aud":"lexcustis","iat":{{now - 60}},"exp":{{now + expires}},"sub":"{{person.UserId}}","org":"{{person.OrganizationId}}","role":"{{Claim(person, "role")}}","sid":"{{Claim(person, "sid")}}"}""";
    }

    private static string Claim(Api person, string name) =>
        System.Text.Json.JsonDocument.Parse(Base64Url.DecodeFromChars(person.Token!.Split('.')[1])).RootElement.GetProperty(name).GetString()!;

    private static string Sign(string header, string claims, string? secret = null)
    {
        var text = $"{Encode(header)}.{Encode(claims)}";
        return $"{text}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret is null ? Secret() : Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(text)))}";
    }

    private static byte[] Secret() => "a-secret-for-tests-alone-of-forty-eight-bytes-.."u8.ToArray();

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
