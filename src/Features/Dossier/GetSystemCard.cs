using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Llm;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Dossier;

/// <summary>The system card as it stands: everyone may know how well the system is documented.</summary>
internal static class GetSystemCard
{
    public static void Map(RouteGroupBuilder dossier) => dossier.MapGet("/system-card", Handle);

    private static async Task<Ok<SystemCard>> Handle(
        TenantContext tenant, TenantDatabase database, LlmProviderFactory providers, MasterKeys masterKeys, CancellationToken cancellationToken) =>
        TypedResults.Ok(await ReadAsync(tenant, database, providers, masterKeys, cancellationToken));

    public static async Task<SystemCard> ReadAsync(
        TenantContext tenant, TenantDatabase database, LlmProviderFactory providers, MasterKeys masterKeys, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginSnapshotAsync(tenant, cancellationToken);
        var last = await transaction.ScalarAsync<long>("SELECT coalesce(max(sequence), 0) FROM audit_logs WHERE organization_id = $1", [tenant.OrganizationId], cancellationToken);
        var facts = await CardFacts.ReadAsync(transaction, providers, masterKeys, last, cancellationToken);
        return SystemCard.Make(await CardAttestations.ReadAsync(transaction, before: null, cancellationToken), facts);
    }
}
