using System.ComponentModel.DataAnnotations;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.ApiKeys;

/// <param name="Role">What the key may do; <c>member</c> when absent.</param>
internal sealed record CreateApiKeyRequest([Required, StringLength(100)] string? Name, [RoleName] string? Role);

/// <param name="Key">Shown this once; only its hash is kept.</param>
internal sealed record CreatedApiKeyResponse(Guid Id, string Name, [RoleName] string Role, string Prefix, DateTimeOffset CreatedAt, string Key);

/// <summary>Makes a key for programs. It acts for the person who made it, with the key's role, and ends with that person's account.</summary>
internal static class CreateApiKey
{
    public static void Map(RouteGroupBuilder keys) => keys.MapPost("/", Handle);

    private static async Task<Results<Created<CreatedApiKeyResponse>, ValidationProblem>> Handle(
        CreateApiKeyRequest request, TenantContext tenant, TenantDatabase database, AuditLog audit, AuditEntries entries, TimeProvider clock, CancellationToken cancellationToken)
    {
        var role = request.Role ?? Roles.Member;
        var check = new RequestCheck()
            .RequireText(request.Name, "name", 100)
            .Require(Roles.Exists(role), "role", "Use admin, compliance, member or auditor.");
        if (check.Failed)
            return check.Problem();

        var now = clock.GetUtcNow();
        var secret = Secrets.Create(Secrets.ApiKeyPrefix);
        var key = new CreatedApiKeyResponse(Guid.CreateVersion7(now), request.Name!.Trim(), role, secret[..10], now, secret);
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        await transaction.ExecuteAsync("""
            INSERT INTO api_keys (id, organization_id, name, role, prefix, key_hash, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """, [key.Id, tenant.OrganizationId, key.Name, role, key.Prefix, Secrets.Hash(secret), tenant.UserId, now.UtcDateTime], cancellationToken);
        await audit.AppendAsync(transaction, entries.ApiKeyCreated(tenant, key.Id, role), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Created($"/api/api-keys/{key.Id}", key);
    }
}
