using System.Text.Json.Serialization;

namespace LexCustis.Infrastructure.Retrieval.Vectors.Qdrant;

// The part of Qdrant's REST API (v1.19) that QdrantVectorStore speaks, by the names of its OpenAPI description.
internal sealed record CreateCollection(VectorParams Vectors, HnswConfigDiff? HnswConfig = null);

internal sealed record VectorParams(int Size, string Distance);

internal sealed record HnswConfigDiff(int M, int PayloadM);

internal sealed record CreateFieldIndex(string FieldName, KeywordIndexParams FieldSchema);

internal sealed record KeywordIndexParams(string Type, bool? IsTenant = null);

internal sealed record PointsList(IReadOnlyList<PointStruct> Points);

internal sealed record PointStruct(Guid Id, float[] Vector, Payload Payload);

/// <param name="OrgId">The organization's id, or <c>shared</c>.</param>
internal sealed record Payload(string OrgId, Guid? DocumentId = null, string? Model = null);

internal sealed record Filter(IReadOnlyList<Condition> Must, IReadOnlyList<Condition>? MustNot = null);

/// <summary>Either <paramref name="Key"/> and <paramref name="Match"/>, or <paramref name="HasId"/>.</summary>
internal sealed record Condition(string? Key = null, MatchValue? Match = null, IReadOnlyCollection<Guid>? HasId = null);

internal sealed record MatchValue(string Value);

internal sealed record FilterSelector(Filter Filter);

internal sealed record ScrollRequest(Filter Filter, int Limit, bool WithPayload, bool WithVector, Guid? Offset);

/// <summary>A scroll, too, of one page that shows what it finds.</summary>
internal sealed record ReadRequest(Filter Filter, int Limit, string[] WithPayload, bool WithVector);

internal sealed record QueryRequest(ReadOnlyMemory<float> Query, Filter Filter, int Limit, string[] WithPayload, bool WithVector);

internal sealed record CollectionAnswer(CollectionInfo? Result);

internal sealed record CollectionInfo(CollectionConfig? Config);

internal sealed record CollectionConfig(CollectionParams? Params);

internal sealed record CollectionParams(VectorParams? Vectors);

internal sealed record ScrollAnswer(ScrollResult? Result);

internal sealed record ScrollResult(IReadOnlyList<ScoredPoint>? Points, Guid? NextPageOffset);

internal sealed record ReadAnswer(ReadResult? Result);

internal sealed record ReadResult(IReadOnlyList<StoredPoint>? Points);

internal sealed record StoredPoint(Guid Id, float[]? Vector, Payload? Payload);

internal sealed record QueryAnswer(QueryResult? Result);

internal sealed record QueryResult(IReadOnlyList<ScoredPoint>? Points);

internal sealed record ScoredPoint(Guid Id, float Score, Payload? Payload);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CreateCollection))]
[JsonSerializable(typeof(CreateFieldIndex))]
[JsonSerializable(typeof(PointsList))]
[JsonSerializable(typeof(FilterSelector))]
[JsonSerializable(typeof(ScrollRequest))]
[JsonSerializable(typeof(ReadRequest))]
[JsonSerializable(typeof(QueryRequest))]
[JsonSerializable(typeof(CollectionAnswer))]
[JsonSerializable(typeof(ScrollAnswer))]
[JsonSerializable(typeof(ReadAnswer))]
[JsonSerializable(typeof(QueryAnswer))]
internal sealed partial class QdrantJson : JsonSerializerContext;
