using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Configuration;
using LexCustis.Infrastructure.Llm;
using LexCustis.Infrastructure.Organizations;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Organizations;

/// <summary>The settings as set, null where the operator's default holds, and what is in effect.</summary>
/// <param name="ProviderApiKeySet">The key itself is write-only.</param>
internal sealed record OrganizationResponse(
    Guid Id, string Name, DateTimeOffset CreatedAt, string? Provider, string? Model, string? BaseUrl, bool ProviderApiKeySet, double? Temperature,
    string? SystemPrompt, int? DailyChatCap, double LowConfidenceThreshold, int RetentionDays, bool LegalHold, bool FourEyes, bool Suspended,
    DateTimeOffset? SuspendedAt, string? SuspendedReason, EffectiveSettings Effective)
{
    public static OrganizationResponse From(OrganizationSettings organization, ILlmProvider provider, int operatorsCap) => new(
        organization.Id, organization.Name, organization.CreatedAt, organization.Provider, organization.Model, organization.BaseUrl,
        organization.SealedProviderApiKey is not null, organization.Temperature, organization.SystemPrompt, organization.DailyChatCap,
        organization.LowConfidenceThreshold, organization.RetentionDays, organization.LegalHold, organization.FourEyes,
        organization.SuspendedAt is not null, organization.SuspendedAt, organization.SuspendedReason,
        new EffectiveSettings(provider.Name, provider.Model, provider.DataRegion, organization.EffectiveCap(operatorsCap)));
}

internal sealed record EffectiveSettings(string Provider, string Model, string DataRegion, int DailyChatCap);

/// <summary>The caller's organization.</summary>
internal static class GetOrganization
{
    public static void Map(RouteGroupBuilder organization) => organization.MapGet("/", Handle);

    private static async Task<Ok<OrganizationResponse>> Handle(
        TenantContext tenant, TenantDatabase database, LlmProviderFactory providers, MasterKeys masterKeys, Settings settings, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        var organization = await OrganizationSettings.ReadAsync(transaction, cancellationToken);
        return TypedResults.Ok(OrganizationResponse.From(organization, providers.Create(organization.ProviderSettings(masterKeys)), settings.DailyChatCap));
    }
}
