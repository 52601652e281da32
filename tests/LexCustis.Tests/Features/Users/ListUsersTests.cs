using System.Text.Json;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Features.Users;

public sealed class ListUsersTests(SharedServer shared, OneAdmin one) : IClassFixture<OneAdmin>
{
    [Fact]
    public async Task Pages_hold_everyone_once_and_no_secret()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        foreach (var number in (int[])[1, 2])
            await admin.PostAsync("/api/users", $$"""{"email":"listed{{number}}.{{admin.UserId}}@example.org","role":"member"}""");

        var first = await admin.GetAsync("/api/users?limit=2");
        Assert.Equal(["items", "next_cursor"], first.Json.SortedNames());
        var second = await admin.GetAsync($"/api/users?limit=2&cursor={first.Json.Text("next_cursor")}");

        Assert.False(second.Json.TryGetProperty("next_cursor", out var next) && next.ValueKind != JsonValueKind.Null);
        JsonElement[] everyone = [.. first.Json.GetProperty("items").EnumerateArray(), .. second.Json.GetProperty("items").EnumerateArray()];
        Assert.Equal(3, everyone.Select(static user => user.Text("id")).Distinct().Count());
        Assert.All(everyone, static user => Assert.Equal(["created_at", "email", "id", "name", "role"], user.SortedNames()));
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=501", "limit")]
    [InlineData("limit=99999999999999999999", "limit")]
    [InlineData("limit=-1&cursor=1", "cursor,limit")]
    [InlineData("cursor=%00", "cursor")]
    public async Task A_page_out_of_bounds_is_refused(string query, string fields)
    {
        var admin = one.Admin;
        Assert.Equal(fields.Split(','), (await admin.GetAsync($"/api/users?{query}")).WrongFields());
        Assert.Equal(fields.Split(','), (await admin.GetAsync($"/api/api-keys?{query}")).WrongFields());
        Assert.Equal(fields.Split(','), (await admin.GetAsync($"/api/conversations?{query}")).WrongFields());
    }
}
