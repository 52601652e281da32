using LexCustis.Infrastructure.Documents.Extraction;
using LexCustis.Infrastructure.Retrieval;

namespace LexCustis.Infrastructure.Documents;

internal static class DocumentServices
{
    public static IServiceCollection AddDocuments(this IServiceCollection services, DocumentSettings settings)
    {
        services.AddSingleton(settings).AddSingleton<PdfText>().AddSingleton<TextExtractor>().AddSingleton<DocumentQueue>();
        // A server without workers leaves all of indexing to others.
        if (settings.Workers > 0)
            services.AddHostedService<DocumentIndexer>().AddHostedService(static provider => provider.GetRequiredService<MissingVectors>());
        return services;
    }
}
