using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace LexCustis.Features.Dossier;

/// <summary>What there is for the nine sections of Annex IV: what the product derives by itself, what the organization states, what is missing.</summary>
/// <param name="Version">Grows with each attestation; 0 before the first.</param>
internal sealed record SystemCard(long Version, CardCoverage Coverage, IReadOnlyList<CardSection> Sections)
{
    public const string Automated = "automated";
    public const string Attested = "attested";
    public const string Missing = "missing";

    public const int MaximumAttestation = 20_000;

    /// <summary>
    /// Annex IV's sections in our own words, each with what it asks for; true where the product itself has the evidence. What it has not can
    /// only be attested, and is missing until then: a figure beside it does not stand in for it.
    /// </summary>
    private static readonly (string Title, (string Name, bool Automated)[] Elements)[] Outline =
    [
        ("General description of the AI system",
            [
                ("Product and version, the model's provider and name, where its data goes", true),
                ("Intended purpose, who provides and who deploys the system, relation to earlier versions", false),
                ("Instructions for use, and how the system is presented to its users", false),
            ]),
        ("Elements of the system and its development",
            [
                ("Components at work in a turn, in their order", true),
                ("Design choices, architecture, and the data of the model and of the system", false),
                ("Tests and their results, dated and signed by those responsible", false),
            ]),
        ("Monitoring, functioning and control",
            [
                ("Record-keeping, human oversight, and the means to stop the system", true),
                ("Capabilities and limits, expected accuracy, foreseeable unintended outcomes", false),
            ]),
        ("Appropriateness of the performance metrics",
            [
                ("What is measured on every turn, and the threshold in force", true),
                ("Why these metrics suit the intended purpose", false),
            ]),
        ("Risk management system",
            [
                ("Incidents and escalated turns that came to light", true),
                ("The risk management system of Art. 9", false),
            ]),
        ("Changes over the lifecycle",
            [("Changes of settings, suspensions and holds, as the log recorded them", true)]),
        ("Standards applied",
            [("Harmonised standards or common specifications applied, or the solutions used in their place", false)]),
        ("EU declaration of conformity",
            [("Copy of the declaration (Art. 47)", false)]),
        ("Post-market monitoring",
            [
                ("Figures since the system is in use: turns, flags, refusals, oversight", true),
                ("The post-market monitoring plan (Art. 72(3))", false),
            ]),
    ];

    public static SystemCard Make(CardAttestations attestations, CardFacts facts)
    {
        var sections = new CardSection[Outline.Length];
        for (var index = 0; index < sections.Length; index++)
        {
            var (title, outlined) = Outline[index];
            var attestation = attestations.BySection.GetValueOrDefault(index + 1);
            var elements = outlined.Select(element => new CardElement(element.Name, element.Automated ? Automated : attestation is null ? Missing : Attested)).ToArray();
            sections[index] = new CardSection(index + 1, title, CoverageOf(elements), elements, facts.EvidenceOf(index + 1), attestation);
        }

        return new SystemCard(attestations.Version, new CardCoverage(Count(Automated), Count(Attested), Count(Missing)), sections);

        int Count(string coverage) => sections.Count(section => section.Coverage == coverage);
    }

    /// <summary>A section is no better covered than its worst element.</summary>
    private static string CoverageOf(CardElement[] elements) =>
        elements.Any(static element => element.Coverage == Missing) ? Missing
        : elements.Any(static element => element.Coverage == Attested) ? Attested
        : Automated;
}

/// <summary>How many of the nine sections are covered how.</summary>
internal sealed record CardCoverage(int Automated, int Attested, int Missing);

/// <param name="Section">1 to 9.</param>
/// <param name="Coverage"><c>automated</c>, <c>attested</c> or <c>missing</c>.</param>
internal sealed record CardSection(
    int Section, string Title, [AllowedValues("automated", "attested", "missing")] string Coverage, IReadOnlyList<CardElement> Elements, IReadOnlyList<CardEvidence> Evidence, CardAttestation? Attestation);

/// <param name="Name">What Annex IV asks for.</param>
internal sealed record CardElement(string Name, [AllowedValues("automated", "attested", "missing")] string Coverage);

/// <param name="Value">Text, also where it is a number.</param>
internal sealed record CardEvidence(string Name, string Value)
{
    public CardEvidence(string name, long value)
        : this(name, value.ToString(CultureInfo.InvariantCulture))
    {
    }
}

/// <summary>What the organization states for a section, in its own words.</summary>
/// <param name="Sha256">Of the text in UTF-8, hexadecimal; the log's entry has it too.</param>
internal sealed record CardAttestation(string Text, Guid WrittenBy, DateTimeOffset WrittenAt, string Sha256)
{
    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
