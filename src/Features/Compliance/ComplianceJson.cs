using System.Text.Json.Serialization;
using LexCustis.Infrastructure.Checks;

namespace LexCustis.Features.Compliance;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CheckTextRequest))]
[JsonSerializable(typeof(CheckReport))]
internal sealed partial class ComplianceJson : JsonSerializerContext;
