using LexCustis.Infrastructure.Configuration;
using LexCustis.Infrastructure.Retrieval;
using LexCustis.Tests.Harness;

namespace LexCustis.Tests.Infrastructure.Retrieval;

/// <summary>Who gets the model's places first. A text that is computed for ever shows it: what comes at all came before it.</summary>
public sealed class EmbeddingsTests : IDisposable
{
    private static readonly string Endless = string.Join(' ', Enumerable.Repeat("without an end", 100));

    private readonly TinyModel model = new(endlessBeyond: 100);
    private readonly CancellationTokenSource over = new(TimeSpan.FromSeconds(60));

    public void Dispose()
    {
        over.Dispose();
        model.Dispose();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_question_has_a_place_whatever_answers_and_documents_are_at(int places)
    {
        using var embeddings = Make(places);
        Task<float[]>[] others =
        [
            .. Enumerable.Range(0, 4).Select(_ => embeddings.EmbedStatementAsync(Endless, over.Token)),
            .. Enumerable.Range(0, 4).Select(_ => embeddings.EmbedPassageAsync(Endless, over.Token)),
        ];

        Assert.NotEmpty(await embeddings.EmbedQuestionAsync("How long?", over.Token));

        Assert.All(others, static other => Assert.False(other.IsCompleted));
        await EndAsync(others);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_statement_waits_for_the_passage_under_way_and_not_for_the_whole_document(int places)
    {
        using var embeddings = Make(places);
        using var first = CancellationTokenSource.CreateLinkedTokenSource(over.Token);
        var underWay = embeddings.EmbedPassageAsync(Endless, first.Token);
        Task<float[]>[] rest = [.. Enumerable.Range(0, 32).Select(_ => embeddings.EmbedPassageAsync(Endless, over.Token))];
        var statement = embeddings.EmbedStatementAsync("The lease ends.", over.Token);
        Assert.False(statement.IsCompleted);

        await first.CancelAsync();
        Assert.NotEmpty(await statement);

        Assert.All(rest, static passage => Assert.False(passage.IsCompleted));
        await EndAsync([underWay, .. rest]);
    }

    private Embeddings Make(int places) => new(RetrievalSettings.Read(new EnvironmentReader(name => name switch
    {
        "LEXCUSTIS_EMBEDDINGS_DIR" => model.Folder,
        "LEXCUSTIS_EMBEDDINGS_CONCURRENCY" => $"{places}",
        _ => null,
    })));

    private async Task EndAsync(Task<float[]>[] endless)
    {
        await over.CancelAsync();
        foreach (var run in endless)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }
}
