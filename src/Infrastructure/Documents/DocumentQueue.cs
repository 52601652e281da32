using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Documents.Passages;
using LexCustis.Infrastructure.Lifecycle;
using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Infrastructure.Documents;

/// <summary>A document that this server holds for a while. Everything it then writes is written only while the claim stands.</summary>
/// <param name="Attempt">1 for the first time that the document is taken.</param>
internal sealed record DocumentClaim(Guid Id, Guid DocumentId, Guid OrganizationId, DocumentFormat Format, int Attempt);

/// <param name="Id">Names the passage until its document is indexed anew.</param>
internal sealed record StoredPassage(Guid Id, CutPassage Passage);

/// <summary>The document was deleted meanwhile, or the claim ran out and another server has taken it: whoever worked for it stops.</summary>
internal sealed class ClaimLostException : Exception;

/// <summary>The documents that wait to be indexed, kept in PostgreSQL so that any number of servers share them and none is lost with a server.</summary>
internal sealed class DocumentQueue(TenantDirectory directory, TenantDatabase database, AuditLog audit, AuditEntries entries, TimeProvider clock)
{
    /// <summary>How long a claim holds that nobody renews: how long a document waits whose server died.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    /// <summary>Passages that one statement inserts.</summary>
    private const int Batch = 500;

    /// <summary>Sent when this very server has queued something, which need not wait until it looks again.</summary>
    public Nudge Arrived { get; } = new();

    /// <summary>Takes the next document that is due.</summary>
    /// <returns>Null when there is none.</returns>
    public async Task<DocumentClaim?> ClaimAsync(CancellationToken cancellationToken)
    {
        var claim = Guid.CreateVersion7(clock.GetUtcNow());
        return await directory.ClaimDocumentAsync(claim, Lease, cancellationToken) is { } claimed
            ? new DocumentClaim(claim, claimed.Id, claimed.OrganizationId,
                DocumentFormat.OfMediaType(claimed.MediaType) ?? throw new InvalidOperationException($"Nobody said how to read {claimed.MediaType}."), claimed.Attempts)
            : null;
    }

    /// <exception cref="ClaimLostException"/>
    public Task RenewAsync(DocumentClaim claim, CancellationToken cancellationToken) =>
        UpdateAsync(claim, "claimed_until = now() + make_interval(secs => $4)", Lease.TotalSeconds, cancellationToken);

    /// <summary>Shows how far it is.</summary>
    /// <exception cref="ClaimLostException"/>
    public Task ReportAsync(DocumentClaim claim, int passagesDone, CancellationToken cancellationToken) => UpdateAsync(claim, "chunks_done = $4", passagesDone, cancellationToken);

    /// <exception cref="ClaimLostException"/>
    public async Task<byte[]> ReadFileAsync(DocumentClaim claim, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(claim.OrganizationId, cancellationToken);
        return await transaction.ScalarAsync<byte[]>("SELECT bytes FROM document_files WHERE organization_id = $1 AND document_id = $2",
            [claim.OrganizationId, claim.DocumentId], cancellationToken) ?? throw new ClaimLostException();
    }

    /// <summary>Puts these passages in the place of those that the document had: whoever searches meanwhile finds the old ones or the new ones.</summary>
    /// <exception cref="ClaimLostException"/>
    public async Task<List<StoredPassage>> ReplacePassagesAsync(DocumentClaim claim, List<CutPassage> passages, int? pages, string language, CancellationToken cancellationToken)
    {
        var stored = passages.ConvertAll(passage => new StoredPassage(Guid.CreateVersion7(clock.GetUtcNow()), passage));
        await using var transaction = await database.BeginAsync(claim.OrganizationId, cancellationToken);
        // First, so that a deletion waits for what follows, or has happened before it.
        var held = await transaction.ExecuteAsync("""
            UPDATE documents SET pages = $4, language = $5::regconfig, chunks_done = 0, chunks_total = $6, claimed_until = now() + make_interval(secs => $7)
            WHERE organization_id = $1 AND id = $2 AND claim = $3
            """, [claim.OrganizationId, claim.DocumentId, claim.Id, pages, language, stored.Count, Lease.TotalSeconds], cancellationToken);
        if (held == 0)
            throw new ClaimLostException();

        await transaction.ExecuteAsync("DELETE FROM document_passages WHERE organization_id = $1 AND document_id = $2", [claim.OrganizationId, claim.DocumentId], cancellationToken);
        foreach (var batch in stored.Chunk(Batch))
        {
            await transaction.ExecuteAsync("""
                INSERT INTO document_passages (organization_id, document_id, id, position, heading, page, start_offset, end_offset, content, language)
                SELECT $1, $2, id, position, heading, nullif(page, 0), start_offset, end_offset, content, language::regconfig
                FROM unnest($3::uuid[], $4::integer[], $5::text[], $6::integer[], $7::integer[], $8::integer[], $9::text[], $10::text[])
                    AS passage (id, position, heading, page, start_offset, end_offset, content, language)
                """,
                [
                    claim.OrganizationId, claim.DocumentId, Column(static one => one.Id), Column(static one => one.Passage.Position), Column(static one => one.Passage.Heading),
                    Column(static one => one.Passage.Page ?? 0), Column(static one => one.Passage.Start), Column(static one => one.Passage.End),
                    Column(static one => one.Passage.Content), Column(static one => one.Passage.Language),
                ], cancellationToken);

            T[] Column<T>(Converter<StoredPassage, T> value) => Array.ConvertAll(batch, value);
        }

        await transaction.CommitAsync(cancellationToken);
        return stored;
    }

    /// <summary>It is ready; says so in the log in the same transaction.</summary>
    /// <exception cref="ClaimLostException"/>
    public async Task FinishAsync(DocumentClaim claim, int passages, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(claim.OrganizationId, cancellationToken);
        var finished = await transaction.ExecuteAsync("""
            UPDATE documents SET status = 'ready', chunks_done = chunks_total, claim = NULL, claimed_until = NULL, attempts = 0
            WHERE organization_id = $1 AND id = $2 AND claim = $3
            """, [claim.OrganizationId, claim.DocumentId, claim.Id], cancellationToken);
        if (finished == 0)
            throw new ClaimLostException();
        await audit.AppendAsync(transaction, entries.DocumentIndexed(claim.OrganizationId, claim.DocumentId, passages), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Gives it up for good; what earlier passages it had go too, since nothing should be answered from a document that failed.</summary>
    /// <exception cref="ClaimLostException"/>
    public async Task FailAsync(DocumentClaim claim, Unreadable reason, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(claim.OrganizationId, cancellationToken);
        var failed = await transaction.ExecuteAsync("""
            UPDATE documents SET status = 'failed', reason_code = $4, reason = $5, chunks_done = 0, chunks_total = NULL, claim = NULL, claimed_until = NULL
            WHERE organization_id = $1 AND id = $2 AND claim = $3
            """, [claim.OrganizationId, claim.DocumentId, claim.Id, reason.Code, reason.Sentence], cancellationToken);
        if (failed == 0)
            throw new ClaimLostException();
        await transaction.ExecuteAsync("DELETE FROM document_passages WHERE organization_id = $1 AND document_id = $2", [claim.OrganizationId, claim.DocumentId], cancellationToken);
        await audit.AppendAsync(transaction, entries.DocumentFailed(claim.OrganizationId, claim.DocumentId, reason.Code), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Gives it back, to be taken again after a while.</summary>
    /// <param name="counts">Whether the attempt was one: a server that stops has not failed.</param>
    /// <exception cref="ClaimLostException"/>
    public Task ReturnAsync(DocumentClaim claim, TimeSpan pause, bool counts, CancellationToken cancellationToken) => UpdateAsync(claim,
        $"status = 'queued', claim = NULL, claimed_until = NULL, due_at = now() + make_interval(secs => $4){(counts ? "" : ", attempts = attempts - 1")}", pause.TotalSeconds, cancellationToken);

    private async Task UpdateAsync(DocumentClaim claim, string assignment, object value, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(claim.OrganizationId, cancellationToken);
        var held = await transaction.ExecuteAsync($"UPDATE documents SET {assignment} WHERE organization_id = $1 AND id = $2 AND claim = $3",
            [claim.OrganizationId, claim.DocumentId, claim.Id, value], cancellationToken);
        if (held == 0)
            throw new ClaimLostException();
        await transaction.CommitAsync(cancellationToken);
    }
}
