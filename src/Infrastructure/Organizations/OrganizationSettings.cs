using System.Text;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Llm;
using LexCustis.Infrastructure.Postgres;
using Npgsql;

namespace LexCustis.Infrastructure.Organizations;

/// <summary>An organization's row: what its admins set, null where the operator's default holds.</summary>
internal sealed record OrganizationSettings
{
    private const string Columns =
        "id, name, created_at, provider, model, base_url, provider_api_key, provider_api_key_kid, temperature, system_prompt, daily_chat_cap, "
        + "low_confidence_threshold, retention_days, legal_hold, suspended_at, suspended_reason, suspensions, four_eyes";

    public required Guid Id { get; init; }

    public required string Name { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public string? Provider { get; init; }

    public string? Model { get; init; }

    public string? BaseUrl { get; init; }

    /// <summary>Encrypted; <see cref="OpenProviderApiKey"/> opens it.</summary>
    public byte[]? SealedProviderApiKey { get; init; }

    public string? ProviderApiKeyKid { get; init; }

    public double? Temperature { get; init; }

    public string? SystemPrompt { get; init; }

    public int? DailyChatCap { get; init; }

    public required double LowConfidenceThreshold { get; init; }

    public required int RetentionDays { get; init; }

    public required bool LegalHold { get; init; }

    /// <summary>Art. 14(4)(e): set while the assistant is stopped.</summary>
    public DateTimeOffset? SuspendedAt { get; init; }

    public string? SuspendedReason { get; init; }

    /// <summary>How often it was stopped so far: a turn that began under a smaller number has been overtaken by a suspension.</summary>
    public int Suspensions { get; init; }

    /// <summary>On: nobody decides on a turn that they asked for themselves.</summary>
    public bool FourEyes { get; init; }

    /// <param name="forUpdate">Holds the row until the transaction ends; rows that only refer to it can be added meanwhile.</param>
    public static async Task<OrganizationSettings> ReadAsync(TenantTransaction transaction, CancellationToken cancellationToken, bool forUpdate = false) =>
        await transaction.FirstAsync($"SELECT {Columns} FROM organizations WHERE id = $1{(forUpdate ? " FOR NO KEY UPDATE" : "")}", [transaction.OrganizationId], Read, cancellationToken)
        ?? throw new InvalidOperationException($"Organization {transaction.OrganizationId} has no row.");

    /// <summary>The organization's own cap, never above the operator's.</summary>
    public int EffectiveCap(int operatorsCap) => Math.Min(DailyChatCap ?? operatorsCap, operatorsCap);

    public ProviderSettings ProviderSettings(MasterKeys masterKeys) => new(Provider, Model, BaseUrl, OpenProviderApiKey(masterKeys));

    public static byte[] SealProviderApiKey(MasterKeys masterKeys, Guid organization, string key) =>
        SealedBox.Seal(masterKeys.SettingsKey(masterKeys.Current, organization), Encoding.UTF8.GetBytes(key));

    /// <summary>Whether the provider's key is sealed under an older master key that is still configured.</summary>
    public bool CanResealProviderApiKey(MasterKeys masterKeys) => ProviderApiKeyKid is { } kid && kid != masterKeys.Current && masterKeys.Knows(kid);

    /// <summary>The same provider key under the current master key.</summary>
    public byte[] ResealProviderApiKey(MasterKeys masterKeys) => SealProviderApiKey(masterKeys, Id, OpenProviderApiKey(masterKeys)!);

    private string? OpenProviderApiKey(MasterKeys masterKeys)
    {
        if (SealedProviderApiKey is null || ProviderApiKeyKid is null)
            return null;
        if (!masterKeys.Knows(ProviderApiKeyKid))
            throw new InvalidOperationException($"The provider key of organization {Id} is encrypted under master key {ProviderApiKeyKid}, which LEXCUSTIS_MASTER_KEYS does not have.");
        return Encoding.UTF8.GetString(SealedBox.Open(masterKeys.SettingsKey(ProviderApiKeyKid, Id), SealedProviderApiKey));
    }

    private static OrganizationSettings Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        Name = row.GetString(1),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(2),
        Provider = row.IsDBNull(3) ? null : row.GetString(3),
        Model = row.IsDBNull(4) ? null : row.GetString(4),
        BaseUrl = row.IsDBNull(5) ? null : row.GetString(5),
        SealedProviderApiKey = row.IsDBNull(6) ? null : row.GetFieldValue<byte[]>(6),
        ProviderApiKeyKid = row.IsDBNull(7) ? null : row.GetString(7),
        Temperature = row.IsDBNull(8) ? null : row.GetDouble(8),
        SystemPrompt = row.IsDBNull(9) ? null : row.GetString(9),
        DailyChatCap = row.IsDBNull(10) ? null : row.GetInt32(10),
        LowConfidenceThreshold = row.GetDouble(11),
        RetentionDays = row.GetInt32(12),
        LegalHold = row.GetBoolean(13),
        SuspendedAt = row.IsDBNull(14) ? null : row.GetFieldValue<DateTimeOffset>(14),
        SuspendedReason = row.IsDBNull(15) ? null : row.GetString(15),
        Suspensions = row.GetInt32(16),
        FourEyes = row.GetBoolean(17),
    };
}
