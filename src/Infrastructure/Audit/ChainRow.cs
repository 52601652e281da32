namespace LexCustis.Infrastructure.Audit;

/// <summary>One row of <c>audit_logs</c> as it stands in the database, believed in nothing. It points into its reader's buffer.</summary>
internal readonly ref struct ChainRow
{
    public required Guid OrganizationId { get; init; }

    public required long Sequence { get; init; }

    public required Guid Id { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required ReadOnlySpan<byte> EventType { get; init; }

    public required Guid? UserId { get; init; }

    public required ReadOnlySpan<byte> Body { get; init; }

    /// <summary>Whether the column has a value, be it an empty one.</summary>
    public required bool HasContent { get; init; }

    public required ReadOnlySpan<byte> Content { get; init; }

    public required Guid? SubjectId { get; init; }

    public required ReadOnlySpan<byte> PreviousHash { get; init; }

    public required ReadOnlySpan<byte> EntryHash { get; init; }
}
