using System.Text.Json;
using System.Text.Json.Serialization;
using LexCustis.Infrastructure.Llm;

namespace LexCustis.Features.Organizations;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(OrganizationPatch))]
[JsonSerializable(typeof(OrganizationResponse))]
[JsonSerializable(typeof(UsageResponse))]
[JsonSerializable(typeof(ProviderTest))]
internal sealed partial class OrganizationsJson : JsonSerializerContext;
