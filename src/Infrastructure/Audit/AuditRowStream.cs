using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Infrastructure.Audit;

/// <summary>
/// A range of <c>audit_logs</c> in its order, read from PostgreSQL's binary COPY format (manual, COPY, "Binary Format") without an object a
/// field: reading by the row costs more than verifying it.
/// </summary>
internal sealed class AuditRowStream : IAsyncDisposable
{
    private const int Columns = 11;
    private const int HeaderLength = 19;

    private readonly Stream source;
    private byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 17);
    private int start;
    private int end;
    private bool headerRead;

    private AuditRowStream(Stream source) => this.source = source;

    /// <param name="first">First sequence, inclusive.</param>
    /// <param name="last">Last sequence, inclusive.</param>
    public static async Task<AuditRowStream> OpenAsync(TenantTransaction transaction, long first, long last, CancellationToken cancellationToken) => new(await transaction.CopyAsync(
        string.Create(CultureInfo.InvariantCulture, $"""
            COPY (
                SELECT organization_id, sequence, id, created_at, event_type, user_id, body, content, subject_id, previous_hash, entry_hash
                FROM audit_logs WHERE organization_id = '{transaction.OrganizationId}' AND sequence BETWEEN {first} AND {last} ORDER BY sequence
            ) TO STDOUT (FORMAT binary)
            """), cancellationToken));

    /// <summary>Reads on until there is at least one whole row.</summary>
    /// <returns>False after the last.</returns>
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!headerRead && end - start >= HeaderLength)
            {
                start += HeaderLength + BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(start + HeaderLength - 4));
                headerRead = true;
            }

            if (headerRead && end - start >= 2)
            {
                if (BinaryPrimitives.ReadInt16BigEndian(buffer.AsSpan(start)) < 0)
                    return false;
                if (FindRowEnd() > 0)
                    return true;
            }

            MakeRoom();
            var read = await source.ReadAsync(buffer.AsMemory(end), cancellationToken);
            if (read == 0)
                throw new EndOfStreamException("PostgreSQL ended a COPY without its trailer.");
            end += read;
        }
    }

    /// <summary>The next row, as long as one is whole in the buffer; it stays until the next fill.</summary>
    public bool TryRead(out ChainRow row)
    {
        row = default;
        if (end - start < 2 || BinaryPrimitives.ReadInt16BigEndian(buffer.AsSpan(start)) < 0 || FindRowEnd() is not (> 0 and var rowEnd))
            return false;

        var fields = new Fields(buffer.AsSpan(start + 2, rowEnd - start - 2));
        start = rowEnd;
        row = new ChainRow
        {
            OrganizationId = fields.Uuid() ?? Guid.Empty,
            Sequence = BinaryPrimitives.ReadInt64BigEndian(fields.Next(out _)),
            Id = fields.Uuid() ?? Guid.Empty,
            CreatedAt = PostgresTime.FromMicroseconds(BinaryPrimitives.ReadInt64BigEndian(fields.Next(out _))),
            EventType = fields.Next(out _),
            UserId = fields.Uuid(),
            Body = fields.Next(out _),
            Content = fields.Next(out var isNull),
            HasContent = !isNull,
            SubjectId = fields.Uuid(),
            PreviousHash = fields.Next(out _),
            EntryHash = fields.Next(out _),
        };
        return true;
    }

    public ValueTask DisposeAsync()
    {
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        return source.DisposeAsync();
    }

    /// <returns>Where the row at <see cref="start"/> ends; 0 when it is not whole yet.</returns>
    private int FindRowEnd()
    {
        var place = start + 2;
        for (var column = 0; column < Columns; column++)
        {
            if (place + 4 > end)
                return 0;
            var length = BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(place));
            place += 4 + Math.Max(length, 0);
            if (place > end)
                return 0;
        }

        return place;
    }

    private void MakeRoom()
    {
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
        }

        if (end < buffer.Length)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, end).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }

    private ref struct Fields(ReadOnlySpan<byte> row)
    {
        private ReadOnlySpan<byte> rest = row;

        public ReadOnlySpan<byte> Next(out bool isNull)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(rest);
            isNull = length < 0;
            var field = rest.Slice(4, Math.Max(length, 0));
            rest = rest[(4 + field.Length)..];
            return field;
        }

        public Guid? Uuid() => Next(out var isNull) is var bytes && isNull ? null : new Guid(bytes, bigEndian: true);
    }
}
