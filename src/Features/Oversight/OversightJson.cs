using System.Text.Json.Serialization;
using LexCustis.Infrastructure.Oversight;

namespace LexCustis.Features.Oversight;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(OversightList))]
[JsonSerializable(typeof(OversightDetail))]
[JsonSerializable(typeof(DecisionRequest))]
[JsonSerializable(typeof(DecidedTurn))]
[JsonSerializable(typeof(DecisionConflict))]
[JsonSerializable(typeof(OversightDecision))]
[JsonSerializable(typeof(SuspensionRequest))]
[JsonSerializable(typeof(ResumptionRequest))]
[JsonSerializable(typeof(SuspensionResponse))]
internal sealed partial class OversightJson : JsonSerializerContext;
