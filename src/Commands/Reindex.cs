using LexCustis.Infrastructure.Configuration;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Retrieval;
using LexCustis.Infrastructure.Retrieval.Embedding;
using LexCustis.Infrastructure.Retrieval.Vectors;

namespace LexCustis.Commands;

/// <summary>
/// Embeds everything anew with the model and the vector store that the environment names: after either has changed, or the store has lost its
/// data. Servers may run meanwhile; until a document's vectors are written it is found by its words.
/// </summary>
internal static class Reindex
{
    public static async Task<int> RunAsync(EnvironmentReader environment, string[] options)
    {
        Guid? only = null;
        switch (options)
        {
            case []:
                break;
            case ["--organization", var id] when Guid.TryParse(id, out var organization):
                only = organization;
                break;
            default:
                return CommandLine.Complain($"reindex does not take '{string.Join(' ', options)}': use --organization with an organization's id.", CommandLine.WrongUse);
        }

        var settings = RetrievalSettings.Read(environment);
        if (settings.Model is null)
            return CommandLine.Complain("LEXCUSTIS_EMBEDDINGS_DIR is not set: without a model there are no vectors to write.", CommandLine.WrongUse);
        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System)
            .AddPostgres(Settings.ReadDatabase(environment, Settings.DatabaseVariable)).AddRetrieval(settings);
        await using var provider = services.BuildServiceProvider();
        var organizations = await provider.GetRequiredService<TenantDirectory>().ListOrganizationsAsync(CancellationToken.None);
        if (only is { } wanted)
        {
            if (!organizations.Contains(wanted))
                return CommandLine.Complain($"there is no organization {wanted} in this database.", CommandLine.Failed);
            organizations = [wanted];
        }

        try
        {
            foreach (var organization in organizations)
                await ReindexAsync(provider, organization);
            if (only is null)
                await ReindexKnowledgeBaseAsync(provider);
            return CommandLine.Fine;
        }
        catch (Exception failure) when (failure is EmbeddingException or VectorStoreException)
        {
            return CommandLine.Complain(failure.Message, CommandLine.Failed);
        }
    }

    private static async Task ReindexAsync(ServiceProvider provider, Guid organization)
    {
        var vectors = provider.GetRequiredService<PassageVectors>();
        await vectors.DropAsync(organization, CancellationToken.None);
        List<Guid> documents;
        await using (var transaction = await provider.GetRequiredService<TenantDatabase>().BeginAsync(organization, CancellationToken.None))
        {
            documents = await transaction.ListAsync("SELECT id FROM documents WHERE organization_id = $1 AND status = 'ready' ORDER BY id",
                [organization], static row => row.GetGuid(0), CancellationToken.None);
        }

        var passages = 0;
        foreach (var document in documents)
        {
            var done = 0;
            await vectors.WriteAsync(organization, document, (count, _) => Task.FromResult(done = count), CancellationToken.None);
            passages += done;
        }

        Console.Out.WriteLine($"{organization}  {documents.Count} documents, {passages} passages");
    }

    private static async Task ReindexKnowledgeBaseAsync(ServiceProvider provider)
    {
        var model = await provider.GetRequiredService<Embeddings>().LoadAsync(CancellationToken.None);
        await provider.GetRequiredService<IVectorStore>().DropAsync(new VectorSpace(null, model), CancellationToken.None);
        var count = await provider.GetRequiredService<KnowledgeBaseVectors>().WriteAsync(CancellationToken.None);
        Console.Out.WriteLine(count is null ? "knowledge base: a server is embedding it" : $"knowledge base: {count} passages");
    }
}
