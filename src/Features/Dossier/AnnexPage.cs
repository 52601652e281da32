using System.Globalization;
using System.Text;
using LexCustis.Infrastructure.Audit;

namespace LexCustis.Features.Dossier;

/// <summary>A section of Annex IV as a page of Markdown: what it asks for, what there is, what is missing.</summary>
internal static class AnnexPage
{
    public static string Write(CardSection section)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"# Annex IV, section {section.Section}: {section.Title}\n\nCoverage: **{section.Coverage}**\n\n");
        page.Append("| what Annex IV asks for | coverage |\n|---|---|\n");
        foreach (var element in section.Elements)
            page.Append(CultureInfo.InvariantCulture, $"| {element.Name} | {element.Coverage} |\n");

        if (section.Coverage == SystemCard.Missing)
        {
            page.Append("\n**Missing.** Nobody has stated the following, and the product cannot know it:\n\n");
            foreach (var element in section.Elements.Where(static element => element.Coverage == SystemCard.Missing))
                page.Append(CultureInfo.InvariantCulture, $"- {element.Name}\n");
        }

        page.Append("\n## Derived by the product\n\n");
        if (section.Evidence.Count == 0)
            page.Append("Nothing: this section can only be stated by people.\n");
        foreach (var evidence in section.Evidence)
            page.Append(CultureInfo.InvariantCulture, $"- {evidence.Name}: {evidence.Value}\n");

        page.Append("\n## Stated by the organization\n\n");
        if (section.Attestation is { } attestation)
            page.Append(CultureInfo.InvariantCulture, $"By {attestation.WrittenBy} on {AuditEncoder.FormatTime(attestation.WrittenAt)}, SHA-256 {attestation.Sha256}:\n\n{attestation.Text}\n");
        else
            page.Append("Nothing.\n");
        return page.ToString();
    }
}
