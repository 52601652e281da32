using System.Text.Json.Serialization;

namespace LexCustis.Features.Dossier;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SystemCard))]
[JsonSerializable(typeof(PutSystemCardRequest))]
[JsonSerializable(typeof(ExportReason))]
internal sealed partial class DossierJson : JsonSerializerContext;
