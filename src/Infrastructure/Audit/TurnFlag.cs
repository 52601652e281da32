using System.ComponentModel.DataAnnotations;

namespace LexCustis.Infrastructure.Audit;

/// <summary>A flag's name, in the OpenAPI document.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class TurnFlagNameAttribute() : AllowedValuesAttribute(TurnFlag.Pii, TurnFlag.Injection, TurnFlag.Bias, TurnFlag.LowConfidence);

/// <summary>Why a turn waits for a person: the members of <c>data.flags</c> in its entry.</summary>
internal static class TurnFlag
{
    public const string Pii = "pii";
    public const string Injection = "injection";
    public const string Bias = "bias";
    public const string LowConfidence = "low_confidence";

    public static readonly string[] All = [Pii, Injection, Bias, LowConfidence];

    /// <summary>Any flag, in SQL: the condition of the index <c>audit_logs_flagged</c>, to the letter.</summary>
    public static string AnyIn(string body) => $$"""{{body}} LIKE '%"flags":["%'""";

    /// <summary>
    /// One flag, in SQL. The first part is the index's own condition; the second looks only at what it found. Both read the text as the encoder
    /// writes it, where a quote inside of a string is escaped: a body that was tampered with, or holds a \u0000, would not be <c>jsonb</c>.
    /// </summary>
    /// <param name="body">The column of the entry's text.</param>
    /// <param name="parameter">The statement's parameter that holds one of <see cref="All"/>.</param>
    public static string OneIn(string body, string parameter) => $$"""{{AnyIn(body)}} AND {{body}} ~ ('"flags":\[[^]]*"' || {{parameter}} || '"')""";
}
