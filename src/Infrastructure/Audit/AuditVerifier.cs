using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Infrastructure.Audit;

/// <summary>Verifies an organization's whole log from its rows: the same code for the API, the command and the dossier.</summary>
internal sealed class AuditVerifier(TenantDatabase database, MasterKeys masterKeys, TimeProvider clock)
{
    /// <summary>Reads every row, in order, in one snapshot; what is appended meanwhile is for the next time.</summary>
    public async Task<VerificationReport> VerifyAsync(TenantContext tenant, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginSnapshotAsync(tenant, cancellationToken);
        return await VerifyAsync(transaction, cancellationToken);
    }

    /// <summary>The same for the product itself: the command and the dossier.</summary>
    public async Task<VerificationReport> VerifyAsync(Guid organization, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginSnapshotAsync(organization, cancellationToken);
        return await VerifyAsync(transaction, cancellationToken);
    }

    private async Task<VerificationReport> VerifyAsync(TenantTransaction transaction, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var organization = transaction.OrganizationId;
        var check = new ChainCheck(organization, masterKeys);
        await ReadRowsAsync(transaction, check, cancellationToken);
        var present = await ReadKeysAsync(transaction, cancellationToken);
        check.CheckKeys((subject, month) => present.Contains((subject, month)));
        return new VerificationReport
        {
            OrganizationId = organization,
            Valid = check.Findings.Count == 0,
            Rows = check.Rows,
            PreviousKey = check.PreviousKeyRows,
            Head = new ChainHead(check.LastSequence, Convert.ToHexStringLower(check.LastHash)),
            Findings = [.. check.Findings],
            VerifiedAt = clock.GetUtcNow(),
            DurationMs = clock.GetElapsedTime(started).TotalMilliseconds,
        };
    }

    private static async Task ReadRowsAsync(TenantTransaction transaction, ChainCheck check, CancellationToken cancellationToken)
    {
        await using var reader = await transaction.ReadAsync("""
            SELECT organization_id, sequence, id, created_at, event_type, user_id, body, content, subject_id, previous_hash, entry_hash
            FROM audit_logs WHERE organization_id = $1 ORDER BY sequence
            """, [transaction.OrganizationId], cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            check.Add(new ChainRow(
                reader.GetGuid(0), reader.GetInt64(1), reader.GetGuid(2), reader.GetTime(3), reader.GetString(4),
                reader.IsDBNull(5) ? null : reader.GetGuid(5),
                reader.GetFieldValue<byte[]>(6),
                reader.IsDBNull(7) ? null : reader.GetFieldValue<byte[]>(7),
                reader.IsDBNull(8) ? null : reader.GetGuid(8),
                reader.GetFieldValue<byte[]>(9), reader.GetFieldValue<byte[]>(10)));
        }
    }

    private static async Task<HashSet<(Guid, DateOnly)>> ReadKeysAsync(TenantTransaction transaction, CancellationToken cancellationToken)
    {
        var keys = await transaction.ListAsync(
            "SELECT subject_id, month FROM subject_keys WHERE organization_id = $1 AND wrapped_key IS NOT NULL",
            [transaction.OrganizationId], static row => (row.GetGuid(0), row.GetFieldValue<DateOnly>(1)), cancellationToken);
        return [.. keys];
    }
}

/// <summary>What a verification found; <c>valid</c> means that nothing was.</summary>
internal sealed record VerificationReport
{
    public required Guid OrganizationId { get; init; }

    public required bool Valid { get; init; }

    public required long Rows { get; init; }

    /// <summary>Rows under an older, still configured master key.</summary>
    public required long PreviousKey { get; init; }

    /// <summary>The last entry: an auditor who notes it down can later see that the log still contains it.</summary>
    public required ChainHead Head { get; init; }

    public required IReadOnlyList<ChainFinding> Findings { get; init; }

    public required DateTimeOffset VerifiedAt { get; init; }

    public required double DurationMs { get; init; }
}

/// <param name="Sequence">0 in an empty log.</param>
/// <param name="EntryHash">Hexadecimal.</param>
internal sealed record ChainHead(long Sequence, string EntryHash);
