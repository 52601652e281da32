using System.Buffers;

namespace LexCustis.Infrastructure.Retrieval.Embedding;

/// <summary>A growing array from the shared pool, so that counting tokens of a long text allocates nothing. Dispose it; never copy it.</summary>
internal struct PooledList<T>(int capacity) : IDisposable
    where T : unmanaged
{
    private T[] _items = ArrayPool<T>.Shared.Rent(capacity);

    public int Length { get; set; }

    public readonly Span<T> Span => _items.AsSpan(0, Length);

    /// <summary>The whole array, for what writes first and sets <see cref="Length"/> then.</summary>
    public readonly Span<T> Room => _items;

    public void Append(T item)
    {
        if (Length == _items.Length) Grow(1);
        _items[Length++] = item;
    }

    public void Append(ReadOnlySpan<T> items)
    {
        if (items.Length > _items.Length - Length) Grow(items.Length);
        items.CopyTo(_items.AsSpan(Length));
        Length += items.Length;
    }

    public readonly void Dispose()
    {
        if (_items is { Length: > 0 }) ArrayPool<T>.Shared.Return(_items);
    }

    private void Grow(int more)
    {
        var larger = ArrayPool<T>.Shared.Rent(Math.Max(_items.Length * 2, Length + more));
        Span.CopyTo(larger);
        ArrayPool<T>.Shared.Return(_items);
        _items = larger;
    }
}
