using LexCustis.Infrastructure.Documents.Extraction;

namespace LexCustis.Infrastructure.Documents;

internal static class DocumentServices
{
    public static IServiceCollection AddDocuments(this IServiceCollection services, DocumentSettings settings) => services
        .AddSingleton(settings)
        .AddSingleton<PdfText>()
        .AddSingleton<TextExtractor>()
        .AddSingleton<DocumentQueue>()
        .AddHostedService<DocumentIndexer>();
}
