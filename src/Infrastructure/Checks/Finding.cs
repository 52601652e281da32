using System.ComponentModel.DataAnnotations;

namespace LexCustis.Infrastructure.Checks;

/// <summary>Something a check saw in a text: what and where, never the text itself.</summary>
/// <param name="Type">The kind, e.g. <c>email</c>, <c>iban</c>, <c>instruction_override</c>, or a bias pattern.</param>
/// <param name="Start">First UTF-16 code unit, inclusive.</param>
/// <param name="End">Last UTF-16 code unit, exclusive; never inside a surrogate pair.</param>
/// <param name="Confidence">How sure the check is, in (0, 1].</param>
internal sealed record Finding(string Type, int Start, int End, double Confidence)
{
    /// <summary>Personal data only: <c>valid</c> when a check digit was verified, <c>none</c> when the kind has none.</summary>
    [AllowedValues("valid", "none")]
    public string? Checksum { get; init; }

    /// <summary>Personal data only: ISO 3166-1 alpha-2 code of the issuing country, where the kind tells it.</summary>
    public string? Country { get; init; }

    /// <summary>Bias only: the ground of Article 21 of the Charter, e.g. <c>sex</c>, <c>ethnic_origin</c>.</summary>
    public string? Ground { get; init; }

    /// <summary>Bias only: the form it takes, e.g. <c>generalization</c>, <c>demeaning</c>.</summary>
    public string? Pattern { get; init; }

    /// <summary>Injection in a retrieved passage only: the <c>id</c> of that passage.</summary>
    public string? Source { get; init; }
}
