using LexCustis.Features.ApiKeys;
using LexCustis.Features.Audit;
using LexCustis.Features.Auth;
using LexCustis.Features.Chat;
using LexCustis.Features.Compliance;
using LexCustis.Features.Dossier;
using LexCustis.Features.Gateway;
using LexCustis.Features.Health;
using LexCustis.Features.Incidents;
using LexCustis.Features.Organizations;
using LexCustis.Features.Oversight;
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
        known.Insert(1, UsersJson.Default);
        known.Insert(2, ApiKeysJson.Default);
        known.Insert(3, OrganizationsJson.Default);
        known.Insert(4, ChatJson.Default);
        known.Insert(5, GatewayJson.Default);
        known.Insert(6, ComplianceJson.Default);
        known.Insert(7, AuditJson.Default);
        known.Insert(8, HealthJson.Default);
        known.Insert(9, OversightJson.Default);
        known.Insert(10, IncidentsJson.Default);
        known.Insert(11, DossierJson.Default);
        known.Insert(12, MonitoringJson.Default);
        options.SerializerOptions.Converters.Add(new StorableText());
        options.SerializerOptions.Converters.Add(new StorableJson());
        // A number in quotes is text: what is mistyped is refused, not guessed at.
        options.SerializerOptions.NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict;
        options.SerializerOptions.PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.SnakeCaseLower;
    });
}
