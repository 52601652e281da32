using System.Text.Json;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Infrastructure.Incidents;

/// <summary>One event of an incident, as it stands in the log.</summary>
/// <param name="UserId">Null for a reminder, which is the product's own.</param>
/// <param name="Data">The entry's facts.</param>
internal sealed record IncidentEvent(Guid Id, long Sequence, DateTimeOffset At, string EventType, Guid? UserId, [JsonKind("object", "null")] JsonElement Data)
{
    /// <summary>Oldest first.</summary>
    public static Task<List<IncidentEvent>> ListAsync(TenantTransaction transaction, Incident incident, CancellationToken cancellationToken) => transaction.ListAsync(
        "SELECT id, sequence, created_at, event_type, user_id, body FROM audit_logs WHERE organization_id = $1 AND id = ANY($2) ORDER BY sequence",
        [transaction.OrganizationId, incident.EntryIds],
        static row => new IncidentEvent(
            row.GetGuid(0), row.GetInt64(1), row.GetTime(2), row.GetString(3), row.IsDBNull(4) ? null : row.GetGuid(4), EntryData.Of(row.GetString(5))),
        cancellationToken);
}
