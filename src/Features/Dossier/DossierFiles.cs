using System.Globalization;
using System.Text.Json;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Organizations;

namespace LexCustis.Features.Dossier;

/// <summary>The small files of a dossier.</summary>
internal static class DossierFiles
{
    /// <summary>What checks a dossier, in plain Python.</summary>
    public static byte[] VerifyProgram { get; } = ReadResource("dossier/verify.py");

    public static byte[] VerifyPage { get; } = ReadResource("dossier/VERIFY.md");

    /// <summary>
    /// The verdict of the whole log's verification. When it was made and how long it took is left out, and so are the entries after the range,
    /// which the next export would count anew.
    /// </summary>
    public static void WriteVerification(Utf8JsonWriter json, PreparedDossier dossier)
    {
        var report = dossier.Verification;
        json.WriteStartObject();
        json.WriteString("organization_id"u8, report.OrganizationId);
        json.WriteNumber("through_sequence"u8, dossier.Range.Last);
        json.WriteBoolean("valid"u8, report.Valid);
        json.WriteNumber("previous_key"u8, report.PreviousKey);
        json.WriteStartArray("findings"u8);
        foreach (var finding in report.Findings)
        {
            json.WriteStartObject();
            json.WriteString("verdict"u8, finding.Verdict);
            json.WriteNumber("first_sequence"u8, finding.FirstSequence);
            json.WriteNumber("count"u8, finding.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The settings in force when the dossier was made, without secrets. The organization's own prompt is text that a person wrote: its hash, unless personal content is included.</summary>
    public static void WriteConfiguration(Utf8JsonWriter json, PreparedDossier dossier)
    {
        var (organization, facts) = (dossier.Facts.Organization, dossier.Facts);
        json.WriteStartObject();
        json.WriteString("product"u8, $"LexCustis {Product.Version}");
        json.WriteStartObject("organization"u8);
        json.WriteString("id"u8, organization.Id);
        json.WriteString("name"u8, organization.Name);
        json.WriteString("created_at"u8, AuditEncoder.FormatTime(organization.CreatedAt));
        json.WriteEndObject();
        WriteModel(json, organization, facts, dossier.Range.WithContent);
        json.WriteStartObject("limits"u8);
        WriteNumber(json, "daily_chat_cap", organization.DailyChatCap);
        json.WriteNumber("low_confidence_threshold"u8, organization.LowConfidenceThreshold);
        json.WriteNumber("retention_days"u8, organization.RetentionDays);
        json.WriteBoolean("legal_hold"u8, organization.LegalHold);
        json.WriteBoolean("suspended"u8, organization.SuspendedAt is not null);
        json.WriteEndObject();
        json.WriteStartObject("people"u8);
        foreach (var (role, count) in facts.People.OrderBy(static role => role.Key, StringComparer.Ordinal))
            json.WriteNumber(role, count);
        json.WriteEndObject();
        json.WriteString("log_origin"u8, dossier.Checkpoint.Origin);
        json.WriteEndObject();
    }

    private static void WriteModel(Utf8JsonWriter json, OrganizationSettings organization, CardFacts facts, bool withContent)
    {
        json.WriteStartObject("model"u8);
        json.WriteString("provider"u8, facts.Provider);
        json.WriteString("name"u8, facts.Model);
        json.WriteString("data_region"u8, facts.DataRegion);
        // Without what may stand before or after the address: names, passwords, keys.
        json.WriteString("base_url"u8, Uri.TryCreate(organization.BaseUrl, UriKind.Absolute, out var url) ? url.GetLeftPart(UriPartial.Path).Replace($"{url.UserInfo}@", "", StringComparison.Ordinal) : null);
        json.WriteBoolean("provider_api_key_set"u8, organization.SealedProviderApiKey is not null);
        WriteNumber(json, "temperature", organization.Temperature);
        json.WriteString("system_prompt_sha256"u8, organization.SystemPrompt is { } prompt ? CardAttestation.HashOf(prompt) : null);
        if (withContent)
            json.WriteString("system_prompt"u8, organization.SystemPrompt);
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }

    private static byte[] ReadResource(string name)
    {
        using var resource = typeof(DossierFiles).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"The resource {name} is missing.");
        var content = new byte[resource.Length];
        resource.ReadExactly(content);
        return content;
    }
}
