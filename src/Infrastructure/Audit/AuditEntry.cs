using LexCustis.Infrastructure.Web;

namespace LexCustis.Infrastructure.Audit;

/// <summary>
/// One event before it has its place in the chain. Made only by the factory methods in <see cref="AuditEntries"/>, so that it cannot be malformed.
/// </summary>
/// <param name="Id">UUID v7; also what makes a retried append harmless.</param>
/// <param name="Type">Dotted, one of audit-chain's section 5.</param>
/// <param name="Actor">Null for the system.</param>
/// <param name="Data">A compact JSON object: the event's own facts, never raw personal data.</param>
internal sealed record AuditEntry(Guid Id, Guid OrganizationId, string Type, Actor? Actor, ReadOnlyMemory<byte> Data)
{
    /// <summary>The person whom the entry concerns, when that is what it is about (<c>subject.erased</c>) or whose key encrypts <see cref="Content"/>.</summary>
    public Guid? SubjectId { get; init; }

    /// <summary>Already encrypted under the subject's key, bound to <see cref="Id"/>.</summary>
    public byte[]? Content { get; init; }
}

/// <summary>Where an appended entry stands: what its writer, and the client, can later hold the log to.</summary>
/// <param name="EntryHash">32 bytes.</param>
internal sealed record AuditReceipt(Guid Id, long Sequence, byte[] EntryHash);

/// <summary>A receipt as answers show it, the hash in hexadecimal.</summary>
internal sealed record ReceiptResponse(Guid Id, long Sequence, string EntryHash)
{
    public static ReceiptResponse From(AuditReceipt receipt) => new(receipt.Id, receipt.Sequence, Convert.ToHexStringLower(receipt.EntryHash));
}
