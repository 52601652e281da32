using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Attacks;

public sealed class RoleMatrixTests(SharedServer shared)
{
    [Fact]
    public async Task The_table_knows_every_route_that_is_mapped() =>
        Assert.Equal((await MappedRoutes.ReadAsync(shared.Server.Database)).Routes, KnownRoute.Table.Select(static route => $"{route.Method} {route.Template}").Order(StringComparer.Ordinal));

    [Fact]
    public async Task Every_route_admits_the_roles_that_may_use_it_and_no_one_else()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var callers = new Dictionary<string, Api> { ["admin"] = admin };
        foreach (var role in (string[])["compliance", "member", "auditor"])
            callers.Add(role, await admin.AddUserAsync(shared.Server, role));
        callers.Add("anonymous", new Api(shared.Server.Http, null));

        var wrong = new List<string>();
        foreach (var route in KnownRoute.Table)
        {
            foreach (var (role, caller) in callers)
            {
                var status = (int)(await caller.SendAsync(new HttpMethod(route.Method), route.Path(Guid.CreateVersion7()), route.Body)).Status;
                var expected = route.Allowed is null || route.Allowed.Contains(role) ? "admitted" : role == "anonymous" ? "401" : "403";
                var actual = status is 401 or 403 && !IsOwnRefusal(route, role) ? $"{status}" : status < 500 ? "admitted" : $"{status}";
                if (actual != expected)
                    wrong.Add($"{role}: {route.Method} {route.Template} is {status}, not {expected}");
            }
        }

        Assert.Empty(wrong);
        await admin.AssertLogIsCleanAsync();
    }

    [Fact]
    public async Task No_route_serves_a_session_that_has_ended()
    {
        var admin = await Api.RegisterAsync(shared.Server);
        var second = await admin.AddUserAsync(shared.Server, "admin");
        await admin.DeleteAsync($"/api/users/{second.UserId}");

        var wrong = new List<string>();
        foreach (var route in KnownRoute.Table.Where(static route => route.Allowed is not null))
        {
            var answer = await second.SendAsync(new HttpMethod(route.Method), route.Path(Guid.CreateVersion7()), route.Body);
            if ((int)answer.Status != 401 || answer.MediaType != route.ErrorMediaType)
                wrong.Add($"{route.Method} {route.Template} is {(int)answer.Status}");
        }

        Assert.Empty(wrong);
    }

    /// <summary>A 401 that says a credential in the body is wrong.</summary>
    private static bool IsOwnRefusal(KnownRoute route, string role) =>
        route.Template is "/api/auth/login" or "/api/auth/refresh" && role.Length > 0;
}
