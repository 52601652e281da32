using System.Text.Json;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Infrastructure.Incidents;

/// <summary>An entry of the log that an incident is about, by its facts: what was said in it is not read.</summary>
/// <param name="Provider">Of a turn; null for any other event, as are model and region.</param>
/// <param name="Region">Where the data of the turn went.</param>
internal sealed record LinkedEntry(
    Guid Id, long Sequence, DateTimeOffset At, string EventType, string? Provider, string? Model, string? Region, string EntryHash)
{
    /// <summary>Oldest first.</summary>
    public static Task<List<LinkedEntry>> ListAsync(TenantTransaction transaction, Incident incident, CancellationToken cancellationToken) => transaction.ListAsync(
        "SELECT id, sequence, created_at, event_type, body, entry_hash FROM audit_logs WHERE organization_id = $1 AND id = ANY($2) ORDER BY sequence",
        [transaction.OrganizationId, incident.AuditLogIds],
        static row =>
        {
            var data = EntryData.Of(row.GetString(4));
            return new LinkedEntry(
                row.GetGuid(0), row.GetInt64(1), row.GetTime(2), row.GetString(3), Text(data, "provider"), Text(data, "model"), Text(data, "region"),
                Convert.ToHexStringLower(row.GetFieldValue<byte[]>(5)));
        }, cancellationToken);

    private static string? Text(JsonElement data, string name) =>
        data.ValueKind == JsonValueKind.Object && data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
