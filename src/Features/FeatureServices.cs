using LexCustis.Features.ApiKeys;
using LexCustis.Features.Audit;
using LexCustis.Features.Auth;
using LexCustis.Features.Chat;
using LexCustis.Features.Compliance;
using LexCustis.Features.Documents;
using LexCustis.Features.Dossier;
using LexCustis.Features.Gateway;
using LexCustis.Features.Health;
using LexCustis.Features.Incidents;
using LexCustis.Features.Organizations;
using LexCustis.Features.Oversight;
using LexCustis.Features.Search;
using LexCustis.Features.Users;
using LexCustis.Infrastructure.Monitoring;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Features;

internal static class FeatureServices
{
    /// <summary>What each feature reads and writes as JSON: without reflection, a type that is in none of these is an error.</summary>
    public static IServiceCollection AddJson(this IServiceCollection services) => services.ConfigureHttpJsonOptions(static options =>
    {
        var known = options.SerializerOptions.TypeInfoResolverChain;
        known.Insert(0, AuthJson.Default);
        known.Insert(0, UsersJson.Default);
        known.Insert(0, ApiKeysJson.Default);
        known.Insert(0, OrganizationsJson.Default);
        known.Insert(0, ChatJson.Default);
        known.Insert(0, GatewayJson.Default);
        known.Insert(0, ComplianceJson.Default);
        known.Insert(0, AuditJson.Default);
        known.Insert(0, HealthJson.Default);
        known.Insert(0, OversightJson.Default);
        known.Insert(0, DocumentsJson.Default);
        known.Insert(0, SearchJson.Default);
        known.Insert(0, IncidentsJson.Default);
        known.Insert(0, MonitoringJson.Default);
        known.Insert(0, DossierJson.Default);
        options.SerializerOptions.Converters.Add(new StorableText());
        options.SerializerOptions.Converters.Add(new StorableJson());
        // A number in quotes is text: what is mistyped is refused, not guessed at.
        options.SerializerOptions.NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict;
        options.SerializerOptions.PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.SnakeCaseLower;
    });
}
