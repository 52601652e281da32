using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Configuration;
using LexCustis.Infrastructure.Llm;
using LexCustis.Infrastructure.Organizations;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Organizations;

/// <summary>The settings that can be changed. Of each, absent means: leave it as it is.</summary>
/// <param name="Provider">Null: the operator's default.</param>
/// <param name="ProviderApiKey">Write-only. It goes when the provider or its address changes, unless a new one comes along.</param>
/// <param name="DailyChatCap">Turns a day (UTC); the operator's own cap holds besides.</param>
/// <param name="LowConfidenceThreshold">Answers below it are queued for a person to review.</param>
/// <param name="FourEyes">Whether nobody may decide on a turn in which they asked themselves.</param>
/// <param name="RetentionDays">At least six months: Art. 19 and 26(6).</param>
internal sealed record OrganizationPatch(
    [StringLength(200, MinimumLength = 1)] string? Name,
    [AllowedValues(ProviderNames.Extractive, ProviderNames.Mistral, ProviderNames.Ollama, ProviderNames.OpenAiCompatible)] string? Provider,
    [StringLength(200, MinimumLength = 1)] string? Model, [StringLength(500, MinimumLength = 1)] string? BaseUrl,
    [StringLength(500, MinimumLength = 1)] string? ProviderApiKey, [Range(0.0, 2.0)] double? Temperature, [StringLength(20_000, MinimumLength = 1)] string? SystemPrompt,
    [Range(0, 10_000_000)] int? DailyChatCap, [Range(0.0, 1.0)] double? LowConfidenceThreshold, [Range(183, 36_500)] int? RetentionDays, bool? LegalHold, bool? FourEyes);

/// <summary>Changes settings as a JSON merge patch (RFC 7396): what is absent stays, null goes back to the operator's default.</summary>
internal static class ChangeOrganization
{
    public static void Map(RouteGroupBuilder administered) => administered.MapPatch("/", Handle).Accepts<OrganizationPatch>("application/json");

    private static async Task<Results<Ok<OrganizationResponse>, ValidationProblem>> Handle(
        JsonElement patch, TenantContext tenant, TenantDatabase database, LlmProviderFactory providers, MasterKeys masterKeys, Settings settings,
        AuditLog audit, AuditEntries entries, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        var before = await OrganizationSettings.ReadAsync(transaction, cancellationToken, forUpdate: true);
        var change = new SettingsPatch(before, masterKeys);
        if (change.Apply(patch) is { } problem)
            return problem;

        var after = change.Result;
        if (change.Changes.Count > 0 || before.LegalHold != after.LegalHold)
        {
            await transaction.ExecuteAsync("""
                UPDATE organizations SET name = $2, provider = $3, model = $4, base_url = $5, provider_api_key = $6, provider_api_key_kid = $7, temperature = $8,
                    system_prompt = $9, daily_chat_cap = $10, low_confidence_threshold = $11, retention_days = $12, legal_hold = $13, four_eyes = $14
                WHERE id = $1
                """, [tenant.OrganizationId, after.Name, after.Provider, after.Model, after.BaseUrl, after.SealedProviderApiKey, after.ProviderApiKeyKid, after.Temperature,
                after.SystemPrompt, after.DailyChatCap, after.LowConfidenceThreshold, after.RetentionDays, after.LegalHold, after.FourEyes], cancellationToken);
            var events = new List<AuditEntry>(2);
            if (change.Changes.Count > 0)
                events.Add(entries.SettingsChanged(tenant, change.Changes));
            if (before.LegalHold != after.LegalHold)
                events.Add(entries.LegalHold(tenant, after.LegalHold));
            await audit.AppendAsync(transaction, events, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return TypedResults.Ok(OrganizationResponse.From(after, providers.Create(after.ProviderSettings(masterKeys)), settings.DailyChatCap));
    }
}

/// <summary>Applies a patch member by member, and keeps what it changes for the log.</summary>
internal sealed class SettingsPatch
{
    private readonly OrganizationSettings before;
    private readonly MasterKeys masterKeys;
    private readonly RequestCheck check = new();
    private readonly List<SettingChange> changes = [];

    public SettingsPatch(OrganizationSettings before, MasterKeys masterKeys) => (this.before, this.masterKeys, Result) = (before, masterKeys, before);

    public OrganizationSettings Result { get; private set; }

    /// <summary>Names and new values; of a key or a prompt only whether it is set.</summary>
    public IReadOnlyList<SettingChange> Changes => changes;

    /// <returns>What is wrong; null when nothing is.</returns>
    public ValidationProblem? Apply(JsonElement patch)
    {
        if (patch.ValueKind != JsonValueKind.Object)
            return check.Require(false, "body", "Send a JSON object of settings.").Problem();

        string? providerKey = null;
        var hasProviderKey = false;
        foreach (var member in patch.EnumerateObject())
        {
            var value = member.Value;
            switch (member.Name)
            {
                case "name" when Text(value, 200) is { } name:
                    Result = Result with { Name = name };
                    break;
                case "provider" when IsNull(value) || Text(value, 40) is not null:
                    Result = Result with { Provider = NullOrText(value) };
                    break;
                case "model" when IsNull(value) || Text(value, 200) is not null:
                    Result = Result with { Model = NullOrText(value) };
                    break;
                case "base_url" when IsNull(value) || Text(value, 500) is not null:
                    Result = Result with { BaseUrl = NullOrText(value) };
                    break;
                case "provider_api_key" when IsNull(value) || Text(value, 500) is not null:
                    (hasProviderKey, providerKey) = (true, NullOrText(value));
                    break;
                case "temperature" when IsNull(value) || Number(value, 0, 2) is not null:
                    Result = Result with { Temperature = Number(value, 0, 2) };
                    break;
                case "system_prompt" when IsNull(value) || Text(value, 20_000) is not null:
                    Result = Result with { SystemPrompt = NullOrText(value) };
                    break;
                case "daily_chat_cap" when IsNull(value) || Whole(value, 0, 10_000_000) is not null:
                    Result = Result with { DailyChatCap = Whole(value, 0, 10_000_000) };
                    break;
                case "low_confidence_threshold" when Number(value, 0, 1) is { } threshold:
                    Result = Result with { LowConfidenceThreshold = threshold };
                    break;
                case "retention_days" when Whole(value, 183, 36_500) is { } days:
                    Result = Result with { RetentionDays = days };
                    break;
                case "legal_hold" when value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                    Result = Result with { LegalHold = value.GetBoolean() };
                    break;
                case "four_eyes" when value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                    Result = Result with { FourEyes = value.GetBoolean() };
                    break;
                default:
                    if (Wants.TryGetValue(member.Name, out var want))
                        check.Require(false, member.Name, want);
                    break;
            }
        }

        SetProviderKey(hasProviderKey, providerKey);
        foreach (var (field, reason) in new ProviderSettings(Result.Provider, Result.Model, Result.BaseUrl, providerKey).Problems())
            check.Require(false, field == "api_key" ? "provider_api_key" : field, $"It {reason}.");
        if (check.Failed)
            return check.Problem();

        CollectChanges(hasProviderKey);
        return null;
    }

    private static readonly Dictionary<string, string> Wants = new(StringComparer.Ordinal)
    {
        ["name"] = "Use between 1 and 200 characters.",
        ["provider"] = $"Use one of {string.Join(", ", ProviderNames.All)}, or null.",
        ["model"] = "Use between 1 and 200 characters, or null.",
        ["base_url"] = "Use an http or https URL of at most 500 characters, or null.",
        ["provider_api_key"] = "Use between 1 and 500 characters, or null.",
        ["temperature"] = "Use a number from 0 to 2, or null.",
        ["system_prompt"] = "Use between 1 and 20000 characters, or null.",
        ["daily_chat_cap"] = "Use a whole number from 0 to 10000000, or null.",
        ["low_confidence_threshold"] = "Use a number from 0 to 1.",
        ["retention_days"] = "Use a whole number from 183 (six months: Art. 19 and 26(6)) to 36500.",
        ["legal_hold"] = "Use true or false.",
        ["four_eyes"] = "Use true or false.",
    };

    /// <summary>A key belongs to the address that it was set with: with another provider or address it goes, unless a new one comes along.</summary>
    private void SetProviderKey(bool given, string? key)
    {
        var moved = Result.Provider != before.Provider || Result.BaseUrl != before.BaseUrl;
        if (given && key is not null)
            Result = Result with { SealedProviderApiKey = OrganizationSettings.SealProviderApiKey(masterKeys, Result.Id, key), ProviderApiKeyKid = masterKeys.Current };
        else if (given || moved)
            Result = Result with { SealedProviderApiKey = null, ProviderApiKeyKid = null };
    }

    private void CollectChanges(bool providerKeyGiven)
    {
        Compare("name", before.Name, Result.Name);
        Compare("provider", before.Provider, Result.Provider);
        Compare("model", before.Model, Result.Model);
        Compare("base_url", before.BaseUrl, Result.BaseUrl);
        Compare("temperature", Format(before.Temperature), Format(Result.Temperature));
        Compare("daily_chat_cap", Format(before.DailyChatCap), Format(Result.DailyChatCap));
        Compare("low_confidence_threshold", Format(before.LowConfidenceThreshold), Format(Result.LowConfidenceThreshold));
        Compare("retention_days", Format(before.RetentionDays), Format(Result.RetentionDays));
        Compare("four_eyes", Format(before.FourEyes), Format(Result.FourEyes));
        if (before.SystemPrompt != Result.SystemPrompt)
            changes.Add(new SettingChange("system_prompt", SetOrCleared(Result.SystemPrompt)));
        if ((providerKeyGiven && Result.SealedProviderApiKey is not null) || (before.SealedProviderApiKey is null != (Result.SealedProviderApiKey is null)))
            changes.Add(new SettingChange("provider_api_key", SetOrCleared(Result.SealedProviderApiKey)));
    }

    private void Compare(string name, string? old, string? now)
    {
        if (old != now)
            changes.Add(new SettingChange(name, now));
    }

    private static string SetOrCleared(object? value) => value is null ? "cleared" : "set";

    private static string? Format(double? value) => value?.ToString(CultureInfo.InvariantCulture);

    private static string Format(bool value) => value ? "true" : "false";

    private static bool IsNull(JsonElement value) => value.ValueKind == JsonValueKind.Null;

    private static string? NullOrText(JsonElement value) => IsNull(value) ? null : value.GetString()!.Trim();

    private static string? Text(JsonElement value, int maximum) =>
        value.ValueKind == JsonValueKind.String && value.GetString()!.Trim() is { Length: > 0 } text && text.Length <= maximum ? text : null;

    private static double? Number(JsonElement value, double minimum, double maximum) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= minimum && number <= maximum ? number : null;

    private static int? Whole(JsonElement value, int minimum, int maximum) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= minimum && number <= maximum ? number : null;
}
