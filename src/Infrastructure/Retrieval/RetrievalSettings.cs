using LexCustis.Infrastructure.Configuration;
using LexCustis.Infrastructure.Retrieval.Embedding;
using LexCustis.Infrastructure.Retrieval.Vectors.Qdrant;

namespace LexCustis.Infrastructure.Retrieval;

/// <summary>What the operator set for retrieval.</summary>
internal sealed record RetrievalSettings
{
    /// <summary>Null: no vectors, the search is by words.</summary>
    public EmbeddingModel? Model { get; init; }

    /// <summary>Texts embedded at once, each on one thread.</summary>
    public required int Concurrency { get; init; }

    /// <summary>Null: vectors are kept in PostgreSQL.</summary>
    public QdrantSettings? Qdrant { get; init; }

    /// <summary>Bytes of vectors that a server without Qdrant keeps in memory.</summary>
    public required long VectorMemory { get; init; }

    /// <summary>How long a search may take; what isn't there by then is left out.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>How long an answer's end may wait for the comparison of its last statements by meaning.</summary>
    public required TimeSpan GroundingWait { get; init; }

    /// <summary>UTF-16 code units of passages that a turn's prompt may hold.</summary>
    public required int SourcesBudget { get; init; }

    public static RetrievalSettings Read(EnvironmentReader environment) => new()
    {
        Model = ReadModel(environment),
        Concurrency = environment.Integer("LEXCUSTIS_EMBEDDINGS_CONCURRENCY", Environment.ProcessorCount, 1, 256),
        Qdrant = ReadQdrant(environment),
        VectorMemory = environment.Integer("LEXCUSTIS_VECTOR_MEMORY_MB", 1024, 16, 1 << 20) * 1024L * 1024,
        Timeout = environment.Duration("LEXCUSTIS_RETRIEVAL_TIMEOUT", TimeSpan.FromSeconds(3)),
        GroundingWait = TimeSpan.FromMilliseconds(environment.Integer("LEXCUSTIS_GROUNDING_WAIT_MS", 300, 0, 60_000)),
        SourcesBudget = environment.Integer("LEXCUSTIS_SOURCES_BUDGET", 12_000, 1_000, 1_000_000),
    };

    private static EmbeddingModel? ReadModel(EnvironmentReader environment)
    {
        const string Name = "LEXCUSTIS_EMBEDDINGS_DIR";
        if (environment.Optional(Name) is not { } directory)
            return null;
        try
        {
            return EmbeddingModel.Locate(directory);
        }
        catch (EmbeddingException wrong)
        {
            throw new SettingException(Name, wrong.Message.Replace($"{Name} ", "", StringComparison.Ordinal));
        }
    }

    private static QdrantSettings? ReadQdrant(EnvironmentReader environment)
    {
        const string Name = "LEXCUSTIS_QDRANT_URL";
        var tenancy = environment.Optional("QDRANT_TENANCY") switch
        {
            null or "collection" => QdrantTenancy.Collection,
            "shared" => QdrantTenancy.Shared,
            _ => throw new SettingException("QDRANT_TENANCY", "use collection (one an organization) or shared (one for all)."),
        };
        if (environment.Optional(Name) is not { } text)
            return null;
        if (!Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
            throw new SettingException(Name, "use the address of Qdrant's REST API such as http://127.0.0.1:6333; the key belongs in LEXCUSTIS_QDRANT_API_KEY.");
        return new QdrantSettings(url, environment.Optional("LEXCUSTIS_QDRANT_API_KEY"), tenancy);
    }
}
