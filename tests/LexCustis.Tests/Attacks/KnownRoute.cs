namespace LexCustis.Tests.Attacks;

/// <summary>A route, who may use it, and a request that passes validation.</summary>
/// <param name="Allowed">Roles; null for anyone, signed in or not.</param>
internal sealed record KnownRoute(string Method, string Template, string[]? Allowed, string? Body = null)
{
    private static readonly string[] All = ["admin", "compliance", "member", "auditor"];
    private static readonly string[] Chats = ["admin", "compliance", "member"];
    private static readonly string[] Audits = ["admin", "compliance", "auditor"];
    private static readonly string[] Oversees = ["admin", "compliance"];
    private static readonly string[] Admins = ["admin"];
    private static readonly string[] Contributes = ["admin", "member"];

    /// <summary>product.md's table of who may do what. A route that is mapped and not here fails a test.</summary>
    public static IReadOnlyList<KnownRoute> Table { get; } =
    [
        new("GET", "/healthz", null),
        new("GET", "/readyz", null),
        new("GET", "/openapi/v1.json", null),
        new("POST", "/api/auth/register", null, "{}"),
        new("POST", "/api/auth/login", null, "{}"),
        new("POST", "/api/auth/refresh", null, "{}"),
        new("POST", "/api/auth/logout", null, """{"refresh_token":"lxr_none"}"""),
        new("GET", "/api/auth/me", All),
        new("POST", "/api/auth/password", All, """{"current_password":"not this one","new_password":"quite another phrase"}"""),
        new("GET", "/api/users", Admins),
        new("POST", "/api/users", Admins, """{"email":"from.the.sweep@example.org","role":"member"}"""),
        new("PATCH", "/api/users/{id:guid}", Admins, """{"name":"Renamed by a stranger"}"""),
        new("DELETE", "/api/users/{id:guid}", Admins),
        new("POST", "/api/users/{id:guid}/erase", Admins, "{}"),
        new("GET", "/api/api-keys", Admins),
        new("POST", "/api/api-keys", Admins, """{"name":"from the sweep"}"""),
        new("DELETE", "/api/api-keys/{id:guid}", Admins),
        new("GET", "/api/organization", All),
        new("GET", "/api/organization/usage", All),
        new("PATCH", "/api/organization", Admins, "{}"),
        new("POST", "/api/organization/provider/test", Admins),
        new("POST", "/api/chat", Chats, """{"message":"Who is watching?","use_documents":false}"""),
        new("GET", "/api/conversations", Chats),
        new("GET", "/api/conversations/{id:guid}", Chats),
        new("DELETE", "/api/conversations/{id:guid}", Chats),
        new("POST", "/v1/chat/completions", Chats, """{"messages":[{"role":"user","content":"Who is watching?"}]}"""),
        new("GET", "/v1/models", Chats),
        new("POST", "/api/search", All, """{"query":"Who is watching?"}"""),
        new("POST", "/api/compliance/check", All, """{"text":"Is this fine?"}"""),
        new("GET", "/api/documents", All),
        new("POST", "/api/documents", Contributes, "{}"),
        new("GET", "/api/documents/{id:guid}", All),
        new("GET", "/api/documents/{id:guid}/passages/{position:int}", All),
        new("DELETE", "/api/documents/{id:guid}", Contributes),
        new("GET", "/api/dossier", Audits),
        new("GET", "/api/dossier/system-card", All),
        new("PUT", "/api/dossier/system-card", ["admin", "compliance"], """{"version":0,"sections":[{"section":1,"attestation":"From the sweep"}]}"""),
        new("GET", "/api/audit", Audits),
        new("GET", "/api/audit/{id:guid}", Audits),
        new("POST", "/api/audit/verify", Audits),
        new("GET", "/api/audit/export", Audits),
        new("GET", "/api/audit/checkpoint", Audits),
        new("GET", "/api/audit/consistency", Audits),
        new("GET", "/api/audit/public-key", All),
        new("GET", "/api/audit/{id:guid}/proof", All),
        new("GET", "/api/oversight", Audits),
        new("GET", "/api/oversight/{id:guid}", Audits),
        new("PUT", "/api/oversight/{id:guid}", Oversees, """{"decision":"approved"}"""),
        new("POST", "/api/oversight/suspend", Oversees, """{"reason":"The sweep stops everything."}"""),
        new("POST", "/api/oversight/resume", Oversees, "{}"),
        new("GET", "/api/incidents", All),
        new("POST", "/api/incidents", Chats, """{"title":"From the sweep"}"""),
        new("GET", "/api/incidents/{id:guid}", All),
        new("PATCH", "/api/incidents/{id:guid}", Oversees, """{"title":"Renamed by a stranger"}"""),
        new("POST", "/api/incidents/{id:guid}/evidence", Chats),
        new("GET", "/api/incidents/{id:guid}/evidence/{evidence:guid}", All),
        new("GET", "/api/incidents/{id:guid}/report", Audits),
        new("GET", "/api/monitoring", Audits),
    ];

    /// <summary>How the route tells errors: OpenAI's clients know problem+json not.</summary>
    public string ErrorMediaType => ErrorMediaTypeOf(Template);

    public static string ErrorMediaTypeOf(string path) => path.StartsWith("/v1/", StringComparison.Ordinal) ? "application/json" : "application/problem+json";

    public bool HasId => Template.Contains("{id", StringComparison.Ordinal);

    /// <summary>The id stands for every id of the path.</summary>
    public string Path(Guid id) => Template.Replace("{id:guid}", id.ToString(), StringComparison.Ordinal)
        .Replace("{evidence:guid}", id.ToString(), StringComparison.Ordinal)
        .Replace("{position:int}", "0", StringComparison.Ordinal);
}
