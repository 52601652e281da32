namespace LexCustis.Infrastructure.Checks;
internal static class PersonalData { public static IReadOnlyList<Finding> Find(string text) => []; }
internal static class PromptInjection { public static IReadOnlyList<Finding> Find(string text) => []; public static IReadOnlyList<Finding> FindInSources(IReadOnlyList<LexCustis.Infrastructure.Retrieval.Passage> s) => []; }
internal static class Bias { public static IReadOnlyList<Finding> Find(string text) => []; }
internal static class Grounding { public static GroundingReport Assess(string a, IReadOnlyList<LexCustis.Infrastructure.Retrieval.Passage> s) => new(1, []); }
internal static class Confidence { public static ConfidenceReport Score(string a, IReadOnlyList<LexCustis.Infrastructure.Retrieval.Passage> s, GroundingReport g, double? m) => new(1, []); }
internal sealed record PersonalDataReport { public IReadOnlyList<Finding> Input { get; init; } = []; public IReadOnlyList<Finding> Output { get; init; } = []; }
internal sealed record InjectionReport { public IReadOnlyList<Finding> Input { get; init; } = []; public IReadOnlyList<Finding> Sources { get; init; } = []; }
internal sealed record ComplianceReport { public PersonalDataReport Pii { get; init; } = new(); public InjectionReport Injection { get; init; } = new(); public IReadOnlyList<Finding> Bias { get; init; } = []; public ConfidenceReport Confidence { get; init; } = new(1, []); public GroundingReport Grounding { get; init; } = new(1, []); }
internal sealed record CheckReport(IReadOnlyList<Finding> Pii, IReadOnlyList<Finding> Injection, IReadOnlyList<Finding> Bias);
