using System.Text.Json.Serialization;

namespace LexCustis.Features.Documents;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DocumentResponse))]
[JsonSerializable(typeof(DocumentList))]
[JsonSerializable(typeof(OpenedPassage))]
internal sealed partial class DocumentsJson : JsonSerializerContext;
