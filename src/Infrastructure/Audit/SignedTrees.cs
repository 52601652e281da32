using LexCustis.Infrastructure.Postgres;
using Npgsql;

namespace LexCustis.Infrastructure.Audit;

/// <summary>
/// Everything that was signed of one organization's log, from the database and from the anchor directory, the smallest tree first and one by
/// one, however many there are.
/// </summary>
internal sealed class SignedTrees : IAsyncDisposable
{
    private readonly NpgsqlDataReader rows;
    private readonly IEnumerator<SignedTree> files;
    private readonly Source[] sources;

    private SignedTrees(Guid organization, NpgsqlDataReader rows, IEnumerable<SignedNote> notes, AnchoredTree? listed)
    {
        this.rows = rows;
        files = ReadFiles(organization, notes).GetEnumerator();
        var list = ReadList(listed).GetEnumerator();
        sources =
        [
            new Source(async cancellationToken => await rows.ReadAsync(cancellationToken) ? ReadRow(organization, rows) : null),
            new Source(_ => Task.FromResult(files.MoveNext() ? files.Current : null)),
            new Source(_ => Task.FromResult(list.MoveNext() ? list.Current : null)),
        ];
    }

    /// <summary>Notes read from <c>audit_checkpoints</c> so far.</summary>
    public long Stored { get; private set; }

    /// <summary>Notes read from the anchor directory so far.</summary>
    public long Anchored { get; private set; }

    /// <param name="transaction">Reads nothing else until this is disposed.</param>
    /// <param name="anchors">Null: the database alone.</param>
    /// <exception cref="AnchorException">The anchor directory cannot be read.</exception>
    public static async Task<SignedTrees> OpenAsync(TenantTransaction transaction, AnchorDirectory? anchors, CheckpointKeys? keys, CancellationToken cancellationToken)
    {
        var organization = transaction.OrganizationId;
        var (notes, listed) = AnchorException.Guard(() =>
            (anchors?.Read(organization) ?? [], anchors?.ReadOrganizations(keys).Trees.GetValueOrDefault(organization.ToString())));
        return new SignedTrees(organization, await transaction.ReadAsync(
            "SELECT tree_size, note FROM audit_checkpoints WHERE organization_id = $1 ORDER BY tree_size", [organization], cancellationToken), notes, listed);
    }

    /// <summary>What was signed of trees of at most that size and was not taken yet.</summary>
    /// <exception cref="AnchorException">The anchor directory cannot be read.</exception>
    public async Task<List<SignedTree>> TakeAsync(long size, CancellationToken cancellationToken)
    {
        var taken = new List<SignedTree>();
        foreach (var source in sources)
        {
            while (await source.PeekAsync(cancellationToken) is { } next && next.Size <= size)
            {
                taken.Add(next);
                await source.MoveAsync(cancellationToken);
                if (next.Source == SignedTreeSource.Database)
                    Stored++;
                else if (next.Source == SignedTreeSource.AnchorFile)
                    Anchored++;
            }
        }

        // Stable: within a source the order stays.
        return [.. taken.OrderBy(static signed => signed.Size)];
    }

    public ValueTask DisposeAsync()
    {
        files.Dispose();
        return rows.DisposeAsync();
    }

    private static SignedTree ReadRow(Guid organization, NpgsqlDataReader row)
    {
        var size = row.GetInt64(0);
        return Checkpoint.TryRead(row.GetString(1), organization, out var checkpoint) && checkpoint.Size == size
            ? new SignedTree(size, checkpoint.Root, checkpoint.Note, SignedTreeSource.Database)
            : new SignedTree(size, [], null, SignedTreeSource.Database, Readable: false);
    }

    private static IEnumerable<SignedTree> ReadFiles(Guid organization, IEnumerable<SignedNote> notes)
    {
        Checkpoint? before = null;
        foreach (var note in notes)
        {
            // A server only ever appends larger trees. The same again is one that a crash had it append twice.
            var size = before?.Size ?? 0;
            if (!Checkpoint.TryRead(note.ToString(), organization, out var checkpoint) || checkpoint.Size < size)
                yield return new SignedTree(size, [], null, SignedTreeSource.AnchorFile, Readable: false);
            else if (checkpoint.Size > size || !checkpoint.Root.AsSpan().SequenceEqual(before!.Root))
                yield return new SignedTree((before = checkpoint).Size, checkpoint.Root, checkpoint.Note, SignedTreeSource.AnchorFile);
        }
    }

    private static IEnumerable<SignedTree> ReadList(AnchoredTree? listed)
    {
        if (listed is not null)
            yield return new SignedTree(listed.Size, listed.Root, null, SignedTreeSource.OrganizationList);
    }

    /// <summary>One place that trees come from, looked at one ahead.</summary>
    private sealed class Source(Func<CancellationToken, Task<SignedTree?>> read)
    {
        private SignedTree? next;
        private bool begun;

        public async Task<SignedTree?> PeekAsync(CancellationToken cancellationToken)
        {
            if (!begun)
            {
                begun = true;
                await MoveAsync(cancellationToken);
            }

            return next;
        }

        public async Task MoveAsync(CancellationToken cancellationToken)
        {
            var current = next;
            next = await AnchorException.GuardAsync(() => read(cancellationToken));
            if (next is null && current is not null)
                current.IsLast = true;
        }
    }
}

/// <summary>The anchor directory cannot be read, so that nobody can say whether the log is what it was.</summary>
internal sealed class AnchorException(Exception failure) : Exception($"The anchor directory cannot be read ({failure.GetType().Name}).", failure)
{
    public static T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new AnchorException(failure);
        }
    }

    public static async Task<T> GuardAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new AnchorException(failure);
        }
    }
}
