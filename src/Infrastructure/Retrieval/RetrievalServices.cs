using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Retrieval.Vectors;
using LexCustis.Infrastructure.Retrieval.Vectors.Qdrant;
using Npgsql;

namespace LexCustis.Infrastructure.Retrieval;

internal static class RetrievalServices
{
    /// <summary>What searches and writes; <see cref="AddRetrievalWork"/> is what runs beside a server.</summary>
    public static IServiceCollection AddRetrieval(this IServiceCollection services, RetrievalSettings settings) => services
        .AddSingleton(settings)
        .AddSingleton<Embeddings>()
        .AddSingleton<IVectorStore>(provider => settings.Qdrant is { } qdrant
            ? new QdrantVectorStore(qdrant, provider.GetRequiredService<TimeProvider>())
            : new ExactVectorStore(provider.GetRequiredService<TenantDatabase>(), provider.GetRequiredService<NpgsqlDataSource>(), settings.VectorMemory))
        .AddSingleton<PassageVectors>()
        .AddSingleton<KnowledgeBaseVectors>()
        .AddSingleton<MissingVectors>()
        .AddSingleton<Retriever>();

    public static IServiceCollection AddRetrievalWork(this IServiceCollection services) => services
        .AddHostedService(static provider => provider.GetRequiredService<KnowledgeBaseVectors>())
        .AddHostedService<VectorSweeper>();
}
