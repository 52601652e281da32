using System.Text.Json.Serialization;

namespace LexCustis.Infrastructure.Checks;

/// <summary>How well an answer is supported, sentence by sentence.</summary>
/// <param name="Score">In [0, 1]: the length-weighted mean of the sentences; 1 for an answer without statements.</param>
internal sealed record GroundingReport(double Score, IReadOnlyList<GroundedSentence> Sentences)
{
    /// <summary>How many of the sentences were compared by meaning, and not by words alone; absent when none was.</summary>
    public int? ComparedByMeaning { get; init; }
}

/// <summary>One sentence of the answer, by UTF-16 offsets, and the passage that supports it best.</summary>
/// <param name="Source">The <c>id</c> of the best passage, null when none supports it at all.</param>
internal sealed record GroundedSentence(int Start, int End, double Score, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Source)
{
    /// <summary>The cosine of the sentence's and the best passage's embeddings, in [-1, 1]; absent when they were not compared.</summary>
    public double? Cosine { get; init; }

    /// <summary>Numbers and names of the sentence that no source has, by UTF-16 offsets; absent when there are none.</summary>
    public IReadOnlyList<Finding>? Unsupported { get; init; }
}

/// <summary>How sure the product is of an answer, in [0, 1], and the reasons in words.</summary>
internal sealed record ConfidenceReport(double Score, IReadOnlyList<string> Reasons);
