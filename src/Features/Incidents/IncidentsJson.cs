using System.Text.Json.Serialization;

namespace LexCustis.Features.Incidents;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ReportIncidentRequest))]
[JsonSerializable(typeof(ChangeIncidentRequest))]
[JsonSerializable(typeof(IncidentResponse))]
[JsonSerializable(typeof(IncidentList))]
[JsonSerializable(typeof(EvidenceResponse))]
internal sealed partial class IncidentsJson : JsonSerializerContext;
