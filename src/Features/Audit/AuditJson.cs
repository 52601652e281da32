using System.Text.Json.Serialization;
using LexCustis.Infrastructure.Audit;

namespace LexCustis.Features.Audit;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AuditList))]
[JsonSerializable(typeof(AuditDetail))]
[JsonSerializable(typeof(VerificationReport))]
[JsonSerializable(typeof(ProgressFrame))]
[JsonSerializable(typeof(ReportFrame))]
[JsonSerializable(typeof(VerificationErrorFrame))]
internal sealed partial class AuditJson : JsonSerializerContext;
