using LexCustis.Infrastructure.Retrieval.Vectors;

namespace LexCustis.Tests.Infrastructure.Retrieval;

public sealed class ExactIndexTests
{
    [Theory]
    [InlineData(0, 8, 5)]
    [InlineData(1, 1, 5)]
    [InlineData(300, 3, 10)]
    [InlineData(500, 17, 1)]
    [InlineData(500, 64, 500)]
    [InlineData(2_000, 1024, 20)]
    [InlineData(100, 33, 0)]
    public void Finds_what_sorting_all_of_them_finds(int count, int dimension, int limit)
    {
        var random = new Random(count + dimension);
        var vectors = Make(random, count, dimension, out var ids, out var values);
        var query = Unit(random, dimension);
        var hits = vectors.Search(query, limit, CancellationToken.None);

        double Exact(int i) => Enumerable.Range(0, dimension).Sum(d => (double)values[(i * dimension) + d] * query[d]);
        var expected = Enumerable.Range(0, count).Select(i => (Id: ids[i], Similarity: Exact(i))).OrderByDescending(h => h.Similarity).Take(limit).ToList();
        Assert.Equal(expected.Select(h => h.Id), hits.Select(h => h.Id));
        foreach (var (e, h) in expected.Zip(hits)) Assert.Equal(e.Similarity, h.Similarity, 1e-5);
    }

    [Fact]
    public void Equally_near_ones_keep_their_order_and_what_is_no_number_is_no_match()
    {
        var ids = Enumerable.Range(0, 40).Select(Id).ToArray();
        var values = Enumerable.Range(0, 40).SelectMany(i => i == 3 ? [float.NaN, 0] : new[] { i % 2 == 0 ? 1f : 0f, 0f }).ToArray();
        var hits = new ExactVectors(ids, values, 2).Search([1, 0], 30, CancellationToken.None);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => Id(2 * i)), hits.Take(20).Select(h => h.Id));
        Assert.Equal([Id(1), Id(5), Id(7)], hits.Skip(20).Take(3).Select(h => h.Id));
    }

    [Fact]
    public void Refuses_shapes_that_do_not_fit()
    {
        Assert.Throws<ArgumentException>(() => new ExactVectors([Id(1)], new float[3], 2));
        Assert.Throws<ArgumentException>(() => new ExactVectors([Id(1)], new float[2], 2).Search(new float[3], 1, CancellationToken.None));
        Assert.Throws<OperationCanceledException>(() => new ExactVectors([Id(1)], new float[2], 2).Search(new float[2], 1, new CancellationToken(true)));
    }

    [Fact]
    public async Task Loads_an_organization_once_however_many_ask()
    {
        var loads = 0;
        var index = new ExactIndex<Guid>(1 << 20, async (_, _, ct) =>
        {
            Interlocked.Increment(ref loads);
            await Task.Delay(50, ct);
            return Make(new Random(1), 10, 4, out var _, out var _);
        });
        await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => index.SearchAsync(Id(1), new float[4], 3, CancellationToken.None).AsTask()));
        Assert.Equal(1, loads);
    }

    [Fact]
    public async Task Drops_what_was_searched_longest_ago_and_stays_within_its_bytes()
    {
        var loads = new List<int>();
        var one = Make(new Random(1), 100, 4, out _, out _).Bytes;
        var index = new ExactIndex<Guid>(3 * one, (organization, _, _) =>
        {
            lock (loads) loads.Add(Number(organization));
            return Task.FromResult(Make(new Random(1), 100, 4, out var _, out var _));
        });
        foreach (var i in new[] { 1, 2, 3, 1, 4, 1, 3, 2 })
        {
            await index.SearchAsync(Id(i), new float[4], 3, CancellationToken.None);
            Assert.InRange(index.Bytes, one, 3 * one);
        }

        Assert.Equal([1, 2, 3, 4, 2], loads);
    }

    [Fact]
    public async Task An_organization_larger_than_the_bound_is_searched_and_makes_room_again()
    {
        var index = new ExactIndex<Guid>(1_000, (organization, _, _) =>
            Task.FromResult(Make(new Random(1), Number(organization) == 1 ? 1_000 : 10, 4, out var _, out var _)));
        Assert.Equal(5, (await index.SearchAsync(Id(1), new float[4], 5, CancellationToken.None)).Count);
        await index.SearchAsync(Id(2), new float[4], 5, CancellationToken.None);
        Assert.InRange(index.Bytes, 1, 1_000);
    }

    [Fact]
    public async Task What_was_forgotten_is_loaded_anew_even_while_it_loads()
    {
        var loads = 0;
        var first = new TaskCompletionSource();
        var index = new ExactIndex<Guid>(1 << 20, async (_, _, _) =>
        {
            var load = Interlocked.Increment(ref loads);
            if (load == 1) await first.Task;
            return new ExactVectors([Id(load)], [1, 0], 2);
        });
        var search = index.SearchAsync(Id(9), new float[] { 1, 0 }, 1, CancellationToken.None).AsTask();
        while (Volatile.Read(ref loads) == 0) await Task.Yield();
        index.Forget(Id(9));
        first.SetResult();
        Assert.Equal(Id(2), (await search)[0].Id);
        index.Forget(Id(9));
        Assert.Equal(0, index.Bytes);
        Assert.Equal(Id(3), (await index.SearchAsync(Id(9), new float[] { 1, 0 }, 1, CancellationToken.None))[0].Id);
        Assert.Equal(24, index.Bytes);
    }

    [Fact]
    public async Task A_failed_load_is_told_and_tried_again()
    {
        var loads = 0;
        var index = new ExactIndex<Guid>(1 << 20, (_, _, _) => ++loads == 1
            ? Task.FromException<ExactVectors>(new InvalidOperationException("database away"))
            : Task.FromResult(new ExactVectors([Id(1)], [1, 0], 2)));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await index.SearchAsync(Id(1), new float[2], 1, CancellationToken.None));
        Assert.Single(await index.SearchAsync(Id(1), new float[2], 1, CancellationToken.None));
    }

    [Fact]
    public async Task Many_at_once_with_drops_and_forgets_see_only_their_own()
    {
        var index = new ExactIndex<Guid>(2_000, (organization, _, _) => Task.FromResult(new ExactVectors([organization], [1, 0], 2)));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(async () =>
        {
            var random = new Random(thread);
            for (var i = 0; i < 3_000; i++)
            {
                var organization = Id(random.Next(200));
                if (random.Next(10) == 0) index.Forget(organization);
                var hits = await index.SearchAsync(organization, new float[] { 1, 0 }, 5, CancellationToken.None);
                Assert.Equal(organization, Assert.Single(hits).Id);
            }
        })));
        Assert.InRange(index.Bytes, 0, 2_000);
    }

    private static Guid Id(int number) => new(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);

    private static int Number(Guid id) => BitConverter.ToInt32(id.ToByteArray());

    private static ExactVectors Make(Random random, int count, int dimension, out Guid[] ids, out float[] values)
    {
        ids = [.. Enumerable.Range(0, count).Select(Id)];
        values = [.. Enumerable.Range(0, count).SelectMany(_ => Unit(random, dimension))];
        return new ExactVectors(ids, values, dimension);
    }

    private static float[] Unit(Random random, int dimension)
    {
        var vector = Enumerable.Range(0, dimension).Select(_ => random.NextDouble() - 0.5).ToArray();
        var length = Math.Sqrt(vector.Sum(v => v * v));
        return Array.ConvertAll(vector, v => (float)(v / length));
    }
}
