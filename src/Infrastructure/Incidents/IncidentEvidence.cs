using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Infrastructure.Incidents;

/// <summary>A file that was added to an incident, without its bytes. The log has its hash.</summary>
/// <param name="Sha256">Of the bytes, in hexadecimal.</param>
internal sealed record IncidentEvidence(Guid Id, string Name, string MediaType, long Size, string Sha256, Guid AddedBy, DateTimeOffset AddedAt)
{
    /// <summary>Oldest first.</summary>
    public static Task<List<IncidentEvidence>> ListAsync(TenantTransaction transaction, Guid incident, CancellationToken cancellationToken) => transaction.ListAsync(
        "SELECT id, name, media_type, size, sha256, added_by, added_at FROM incident_evidence WHERE organization_id = $1 AND incident_id = $2 ORDER BY id",
        [transaction.OrganizationId, incident],
        static row => new IncidentEvidence(
            row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetInt64(3), Convert.ToHexStringLower(row.GetFieldValue<byte[]>(4)), row.GetGuid(5), row.GetTime(6)),
        cancellationToken);
}
