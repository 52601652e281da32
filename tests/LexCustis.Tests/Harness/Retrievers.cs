using LexCustis.Infrastructure.Configuration;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Retrieval;
using LexCustis.Infrastructure.Retrieval.Vectors;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LexCustis.Tests.Harness;

/// <summary>The product's own retriever in the test's process, without a server around it.</summary>
internal static class Retrievers
{
    /// <summary>By words alone.</summary>
    public static Retriever Lexical(NpgsqlDataSource source)
    {
        var settings = RetrievalSettings.Read(new EnvironmentReader(static _ => null));
        var database = new TenantDatabase(source);
        return new Retriever(database, new Embeddings(settings), new ExactVectorStore(database, source, settings.VectorMemory), settings, TimeProvider.System, NullLogger<Retriever>.Instance);
    }
}
