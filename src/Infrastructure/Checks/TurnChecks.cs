using System.Text.Json.Serialization;
using LexCustis.Infrastructure.Retrieval;

namespace LexCustis.Infrastructure.Checks;

/// <summary>Findings before the model is asked, or of the user's text on its own.</summary>
internal sealed record PreCheckReport(IReadOnlyList<Finding> Pii, IReadOnlyList<Finding> Injection);

/// <summary>Findings on an answer, and how far it can be trusted.</summary>
internal sealed record PostCheckReport(
    IReadOnlyList<Finding> Pii, IReadOnlyList<Finding> Bias, GroundingReport Grounding, ConfidenceReport Confidence);

/// <summary>What a turn runs before and after the model. Flags only: nothing here blocks or changes a text.</summary>
internal static class TurnChecks
{
    private static readonly PreCheckReport Clean = new(FindingList.None, FindingList.None);

    public static PreCheckReport Before(string text)
    {
        var pii = PersonalData.Find(text);
        var injection = PromptInjection.Find(text);
        return pii.Count + injection.Count == 0 ? Clean : new PreCheckReport(pii, injection);
    }

    /// <param name="meanLogProbability">See <see cref="Confidence.Score"/>.</param>
    /// <param name="cosines">See <see cref="Grounding.Assess(string, IReadOnlyList{Passage}, Nullable{double}[][])"/>.</param>
    public static PostCheckReport After(
        string question, string answer, IReadOnlyList<Passage> sources, double? meanLogProbability = null, double?[]?[]? cosines = null)
    {
        var grounding = Grounding.Assess(answer, sources, cosines);
        return new PostCheckReport(
            PersonalData.Find(answer), Bias.Find(answer), grounding,
            Confidence.Score(question, answer, sources, grounding, meanLogProbability));
    }

    /// <summary>The frame of the turn, from its three parts.</summary>
    public static ComplianceReport Report(PreCheckReport before, IReadOnlyList<Finding> sources, PostCheckReport after) => new(
        new InputOutputFindings(before.Pii, after.Pii), new InputSourceFindings(before.Injection, sources), after.Bias, after.Confidence, after.Grounding);

    /// <summary>All text checks on one text, as POST /api/compliance/check answers.</summary>
    public static CheckReport Check(string text) => new(PersonalData.Find(text), PromptInjection.Find(text), Bias.Find(text));
}

/// <summary>The <c>compliance</c> frame.</summary>
internal sealed record ComplianceReport(
    InputOutputFindings Pii, InputSourceFindings Injection, IReadOnlyList<Finding> Bias, ConfidenceReport Confidence, GroundingReport Grounding);

/// <summary>Personal data in the user's message and in the answer.</summary>
internal sealed record InputOutputFindings(IReadOnlyList<Finding> Input, IReadOnlyList<Finding> Output);

/// <summary>Injection in the user's message and in the retrieved passages.</summary>
internal sealed record InputSourceFindings(IReadOnlyList<Finding> Input, IReadOnlyList<Finding> Sources);

/// <summary>The answer of POST /api/compliance/check.</summary>
internal sealed record CheckReport(IReadOnlyList<Finding> Pii, IReadOnlyList<Finding> Injection, IReadOnlyList<Finding> Bias);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ComplianceReport))]
[JsonSerializable(typeof(CheckReport))]
[JsonSerializable(typeof(IReadOnlyList<Finding>))]
[JsonSerializable(typeof(Finding))]
[JsonSerializable(typeof(GroundingReport))]
[JsonSerializable(typeof(ConfidenceReport))]
internal sealed partial class ChecksJson : JsonSerializerContext;
