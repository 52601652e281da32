using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Features.Dossier;

/// <summary>The attestations in force, by section.</summary>
internal sealed record CardAttestations(long Version, IReadOnlyDictionary<int, CardAttestation> BySection)
{
    /// <param name="before">Only what was written before; null for all.</param>
    public static async Task<CardAttestations> ReadAsync(TenantTransaction transaction, DateTimeOffset? before, CancellationToken cancellationToken)
    {
        var rows = await transaction.ListAsync("""
            SELECT DISTINCT ON (section) section, version, attestation, written_by, written_at FROM system_card_attestations
            WHERE organization_id = $1 AND ($2::timestamptz IS NULL OR written_at < $2)
            ORDER BY section, version DESC
            """, [transaction.OrganizationId, before?.UtcDateTime],
            static row => new
            {
                Section = (int)row.GetInt16(0),
                Version = row.GetInt64(1),
                Attestation = row.IsDBNull(2) ? null : new CardAttestation(row.GetString(2), row.GetGuid(3), row.GetFieldValue<DateTimeOffset>(4), CardAttestation.HashOf(row.GetString(2))),
            }, cancellationToken);
        return new CardAttestations(
            rows.Count == 0 ? 0 : rows.Max(static row => row.Version),
            rows.Where(static row => row.Attestation is not null).ToDictionary(static row => row.Section, static row => row.Attestation!));
    }

    /// <summary>Writes the next versions, one a section.</summary>
    /// <param name="texts">Null withdraws.</param>
    /// <returns>False when someone else wrote since this was read.</returns>
    public async Task<bool> ReplaceAsync(TenantTransaction transaction, IReadOnlyList<(int Section, string? Text)> texts, Guid writer, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // The primary key decides: of two who read the same version, only one can write the next.
        var written = await transaction.ExecuteAsync("""
            INSERT INTO system_card_attestations (organization_id, version, section, attestation, written_by, written_at)
            SELECT $1, $2 + text.number, text.section, text.attestation, $5, $6
            FROM unnest($3::smallint[], $4::text[]) WITH ORDINALITY AS text (section, attestation, number)
            ON CONFLICT ON CONSTRAINT system_card_attestations_pkey DO NOTHING
            """,
            [transaction.OrganizationId, Version, texts.Select(static text => (short)text.Section).ToArray(), texts.Select(static text => text.Text).ToArray(), writer, now.UtcDateTime],
            cancellationToken);
        return written == texts.Count;
    }
}
