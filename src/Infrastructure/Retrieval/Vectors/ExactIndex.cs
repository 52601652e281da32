using System.Numerics;
using System.Runtime.InteropServices;

namespace LexCustis.Infrastructure.Retrieval.Vectors;

/// <summary>One match of a search by vector.</summary>
/// <param name="Id">The chunk.</param>
/// <param name="Similarity">The cosine, in [-1, 1].</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct VectorHit(Guid Id, float Similarity);

/// <summary>
/// All vectors of one organization in one block of memory, searched whole: the cosine of vectors of length 1 is their dot product.
/// Never changes, so any number of threads may search it.
/// </summary>
internal sealed class ExactVectors
{
    private readonly Guid[] _ids;
    private readonly float[] _values;
    private readonly int _dimension;

    /// <param name="values">The vectors one behind the other in the order of their ids, each of length 1. Kept, not copied.</param>
    public ExactVectors(Guid[] ids, float[] values, int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        if (values.LongLength != ids.LongLength * dimension) throw new ArgumentException($"{ids.Length} vectors of {dimension} were promised, and {values.Length} numbers came.", nameof(values));
        (_ids, _values, _dimension) = (ids, values, dimension);
    }

    public int Count => _ids.Length;

    /// <summary>Which change of their source they stand at; grows.</summary>
    public long Version { get; init; }

    /// <summary>In the order of <see cref="VectorOf"/>.</summary>
    public ReadOnlySpan<Guid> Ids => _ids;

    /// <summary>What it holds in memory.</summary>
    public long Bytes => ((long)_values.Length * sizeof(float)) + ((long)_ids.Length * 16);

    public ReadOnlySpan<float> VectorOf(int index) => _values.AsSpan(index * _dimension, _dimension);

    /// <summary>The <paramref name="limit"/> nearest, best first; equally near ones in the order in which they were given.</summary>
    public IReadOnlyList<VectorHit> Search(ReadOnlySpan<float> query, int limit, CancellationToken cancellationToken)
    {
        if (query.Length != _dimension) throw new ArgumentException($"A vector of {_dimension} is wanted, not of {query.Length}.", nameof(query));
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        if (limit == 0) return [];

        // The worst of the best is on top: most vectors are dismissed by one comparison.
        var best = new PriorityQueue<int, (float Similarity, int NegativeIndex)>();
        for (var i = 0; i < _ids.Length; i++)
        {
            if ((i & 0xFFF) == 0) cancellationToken.ThrowIfCancellationRequested();
            var similarity = Dot(query, _values.AsSpan(i * _dimension, _dimension));

            // Not a number compares with nothing, and so is never a match.
            if (float.IsNaN(similarity)) continue;
            if (best.Count < limit) best.Enqueue(i, (similarity, -i));
            else if (best.TryPeek(out _, out var worst) && similarity > worst.Similarity) best.EnqueueDequeue(i, (similarity, -i));
        }

        var hits = new VectorHit[best.Count];
        for (var at = hits.Length - 1; best.TryDequeue(out var i, out var rank); at--) hits[at] = new VectorHit(_ids[i], rank.Similarity);
        return hits;
    }

    /// <summary>Four sums at once, because one would wait for each addition to end before the next.</summary>
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ref var first = ref MemoryMarshal.GetReference(a);
        ref var second = ref MemoryMarshal.GetReference(b);
        if (a.Length != b.Length) throw new ArgumentException("Vectors of different lengths have no product.", nameof(b));
        var width = Vector<float>.Count;
        var (s0, s1, s2, s3) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero);
        var i = 0;
        for (; i <= a.Length - (4 * width); i += 4 * width)
        {
            s0 += Vector.LoadUnsafe(ref first, (nuint)i) * Vector.LoadUnsafe(ref second, (nuint)i);
            s1 += Vector.LoadUnsafe(ref first, (nuint)(i + width)) * Vector.LoadUnsafe(ref second, (nuint)(i + width));
            s2 += Vector.LoadUnsafe(ref first, (nuint)(i + (2 * width))) * Vector.LoadUnsafe(ref second, (nuint)(i + (2 * width)));
            s3 += Vector.LoadUnsafe(ref first, (nuint)(i + (3 * width))) * Vector.LoadUnsafe(ref second, (nuint)(i + (3 * width)));
        }

        for (; i <= a.Length - width; i += width) s0 += Vector.LoadUnsafe(ref first, (nuint)i) * Vector.LoadUnsafe(ref second, (nuint)i);
        var sum = Vector.Sum(s0 + s1 + s2 + s3);
        for (; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }
}

/// <summary>
/// The vectors of the organizations that searched last, each loaded when first wanted and dropped when the bytes of all pass the bound.
/// An organization that alone is larger than the bound is searched all the same, and dropped at the next load.
/// </summary>
/// <param name="load">Reads an organization's vectors, e.g. from PostgreSQL, given the older ones that are held already, if any.</param>
internal sealed class ExactIndex<TKey>(long maximumBytes, Func<TKey, ExactVectors?, CancellationToken, Task<ExactVectors>> load)
    where TKey : struct, IEquatable<TKey>
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, Entry> _entries = [];

    /// <summary>Organizations, the one that searched last in front.</summary>
    private readonly LinkedList<TKey> _recent = [];
    private long _bytes;

    /// <summary>What is held now.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate) return _bytes;
        }
    }

    /// <summary>The organization's nearest vectors, best first.</summary>
    /// <param name="version">What its vectors must have come to at least: older ones that are held are brought up to date first.</param>
    public async ValueTask<IReadOnlyList<VectorHit>> SearchAsync(
        TKey organization, ReadOnlyMemory<float> query, int limit, CancellationToken cancellationToken, long version = 0)
    {
        var vectors = await GetAsync(organization, version, cancellationToken);
        return vectors.Search(query.Span, limit, cancellationToken);
    }

    /// <summary>To be called when an organization's vectors have changed: the next search loads them anew, and so does a load under way.</summary>
    public void Forget(TKey organization)
    {
        lock (_gate) Drop(organization);
    }

    private async Task<ExactVectors> GetAsync(TKey organization, long version, CancellationToken cancellationToken)
    {
        Entry? outdated = null;
        ExactVectors? older = null;
        while (true)
        {
            Entry? entry;
            lock (_gate)
            {
                if (_entries.TryGetValue(organization, out entry) && entry == outdated)
                    Drop(organization);
                if (_entries.TryGetValue(organization, out entry))
                {
                    _recent.Remove(entry.Place);
                    _recent.AddFirst(entry.Place);
                }
                else
                {
                    entry = new Entry(_recent.AddFirst(organization));
                    _entries.Add(organization, entry);

                    // Without a caller's token: others wait for the same load.
                    var held = older;
                    entry.Loading = Task.Run(() => LoadAsync(organization, entry, held), CancellationToken.None);
                }
            }

            var vectors = await entry.Loading!.WaitAsync(cancellationToken);
            if (vectors.Version < version) (outdated, older) = (entry, vectors);
            else if (!entry.Outdated) return vectors;
        }
    }

    private async Task<ExactVectors> LoadAsync(TKey organization, Entry entry, ExactVectors? older)
    {
        try
        {
            var vectors = await load(organization, older, CancellationToken.None);
            lock (_gate)
            {
                entry.Loaded = true;
                if (!IsCurrent(organization, entry))
                {
                    // Forgotten while it was read: it may hold what was deleted since.
                    entry.Outdated = true;
                    return vectors;
                }

                entry.Bytes = vectors.Bytes;
                _bytes += entry.Bytes;
                for (var oldest = _recent.Last; oldest is not null && _bytes > maximumBytes;)
                {
                    var previous = oldest.Previous;
                    if (!oldest.Value.Equals(organization) && _entries[oldest.Value].Loaded) Drop(oldest.Value);
                    oldest = previous;
                }
            }

            return vectors;
        }
        catch
        {
            // The next search tries again.
            lock (_gate)
            {
                if (IsCurrent(organization, entry)) Drop(organization);
            }

            throw;
        }
    }

    private bool IsCurrent(TKey organization, Entry entry) => _entries.TryGetValue(organization, out var current) && ReferenceEquals(current, entry);

    private void Drop(TKey organization)
    {
        if (!_entries.Remove(organization, out var entry)) return;
        _recent.Remove(entry.Place);
        _bytes -= entry.Bytes;
    }

    private sealed class Entry(LinkedListNode<TKey> place)
    {
        public LinkedListNode<TKey> Place { get; } = place;

        public Task<ExactVectors>? Loading { get; set; }

        public bool Loaded { get; set; }

        public bool Outdated { get; set; }

        public long Bytes { get; set; }
    }
}
