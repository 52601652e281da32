using System.Globalization;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Llm;
using LexCustis.Infrastructure.Organizations;
using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Features.Dossier;

/// <summary>What the product knows of itself and of its use: the evidence of the system card.</summary>
internal sealed record CardFacts
{
    /// <summary>
    /// Entries that say how the organization governs the system. The list is that of the index <c>audit_logs_governance</c>, word for word,
    /// so that counting them does not read the turns.
    /// </summary>
    public const string GovernanceTypes = """
        'settings.changed', 'assistant.suspended', 'assistant.resumed', 'legal_hold.set', 'legal_hold.lifted', 'subject.erased', 'content.expired', 'dossier.exported',
        'oversight.approved', 'oversight.overridden', 'oversight.escalated', 'oversight.dismissed', 'incident.reported', 'incident.changed', 'incident.closed', 'monitoring.alerted'
        """;

    public required OrganizationSettings Organization { get; init; }

    public required string Provider { get; init; }

    public required string Model { get; init; }

    public required string DataRegion { get; init; }

    /// <summary>People with access, by role.</summary>
    public required IReadOnlyDictionary<string, long> People { get; init; }

    /// <summary>Governance entries by type.</summary>
    public required IReadOnlyDictionary<string, long> Events { get; init; }

    /// <summary>Entries of the log.</summary>
    public required long Entries { get; init; }

    /// <param name="through">The last sequence to count.</param>
    public static async Task<CardFacts> ReadAsync(
        TenantTransaction transaction, LlmProviderFactory providers, MasterKeys masterKeys, long through, CancellationToken cancellationToken)
    {
        var organization = await OrganizationSettings.ReadAsync(transaction, cancellationToken);
        var provider = providers.Create(organization.ProviderSettings(masterKeys));
        var people = await transaction.ListAsync(
            "SELECT role, count(*) FROM users WHERE organization_id = $1 AND removed_at IS NULL GROUP BY role ORDER BY role", [transaction.OrganizationId],
            static row => (Role: row.GetString(0), Count: row.GetInt64(1)), cancellationToken);
        var events = await transaction.ListAsync(
            $"SELECT event_type, count(*) FROM audit_logs WHERE organization_id = $1 AND sequence <= $2 AND event_type IN ({GovernanceTypes}) GROUP BY event_type",
            [transaction.OrganizationId, through], static row => (Type: row.GetString(0), Count: row.GetInt64(1)), cancellationToken);
        return new CardFacts
        {
            Organization = organization,
            Provider = provider.Name,
            Model = provider.Model,
            DataRegion = provider.DataRegion,
            People = people.ToDictionary(static role => role.Role, static role => role.Count, StringComparer.Ordinal),
            Events = events.ToDictionary(static one => one.Type, static one => one.Count, StringComparer.Ordinal),
            Entries = through,
        };
    }

    public IReadOnlyList<CardEvidence> EvidenceOf(int section) => section switch
    {
        1 =>
        [
            new("product", $"LexCustis {Product.Version}"),
            new("model_provider", Provider),
            new("model", Model),
            new("data_region", DataRegion),
            new("interfaces", "web app, HTTP API, OpenAI-compatible HTTP API"),
        ],
        2 =>
        [
            new("turn", "rate limit and budget, checks of the question, retrieval, model, checks of the answer, log entry"),
            new("checks", "personal data, prompt injection, bias, grounding, confidence"),
            new("temperature", (Organization.Temperature ?? 0.3).ToString(CultureInfo.InvariantCulture)),
            new("system_prompt", Organization.SystemPrompt is null ? "the product's own" : "the organization's own"),
        ],
        3 =>
        [
            new("log_entries", Entries),
            new("retention_days", Organization.RetentionDays),
            new("people_who_oversee", People.GetValueOrDefault("admin") + People.GetValueOrDefault("compliance")),
            new("stop", "the assistant can be suspended at once (Art. 14(4)(e))"),
            new("suspensions", Of("assistant.suspended")),
        ],
        4 =>
        [
            new("metrics", "confidence and grounding, each from 0 to 1; findings of personal data, prompt injection and bias by kind; time to the first token and to the last"),
            new("low_confidence_threshold", Organization.LowConfidenceThreshold.ToString(CultureInfo.InvariantCulture)),
        ],
        5 =>
        [
            new("incidents_reported", Of("incident.reported")),
            new("incidents_closed", Of("incident.closed")),
            new("turns_escalated", Of("oversight.escalated")),
        ],
        6 =>
        [
            new("settings_changed", Of("settings.changed")),
            new("suspensions", Of("assistant.suspended")),
            new("legal_holds", Of("legal_hold.set")),
            new("people_erased", Of("subject.erased")),
            new("months_expired", Of("content.expired")),
        ],
        9 =>
        [
            new("decisions_of_overseers", Of("oversight.approved") + Of("oversight.overridden") + Of("oversight.escalated") + Of("oversight.dismissed")),
            new("answers_corrected", Of("oversight.overridden")),
            new("alerts", Of("monitoring.alerted")),
            new("dossiers_exported", Of("dossier.exported")),
        ],
        _ => [],
    };

    private long Of(string type) => Events.GetValueOrDefault(type);
}
