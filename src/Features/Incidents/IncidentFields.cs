using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Incidents;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Features.Incidents;

/// <summary>What the fields of an incident may be: the same when it is reported and when it is changed.</summary>
internal static class IncidentFields
{
    public const int TitleLimit = 200;
    public const int DescriptionLimit = 20_000;
    public const string WantDescription = "Use at most 20000 characters.";
    public const string WantAwareAt = "Use an RFC 3339 time with its offset, such as 2026-11-22T08:00:00Z, from 2020 on and not in the future.";
    public const string WantLinks = "Use at most 100 ids of entries of your organization's log; members link their own.";

    public static readonly string WantSeverity = $"Use one of {string.Join(", ", IncidentSeverity.All)}.";
    public static readonly string WantCategory = $"Use one of {string.Join(", ", IncidentCategory.All)}.";
    public static readonly string WantStatus = $"Use one of {string.Join(", ", IncidentStatus.All)}.";

    private static readonly DateTimeOffset Earliest = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Clocks differ a little.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(5);

    /// <returns>Null for what is no time, or none at which anyone can have become aware.</returns>
    public static DateTimeOffset? ReadAwareAt(string text, DateTimeOffset now) =>
        Rfc3339.ReadMoment(text) is { } time && time >= Earliest && time <= now + Ahead ? AuditEncoder.Microseconds(time) : null;

    /// <summary>The incident as it is after a change: a transaction ends with its entry, so this is another.</summary>
    public static async Task<IncidentResponse> DescribeAsync(
        TenantDatabase database, TenantContext tenant, Guid id, AuditReceipt receipt, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        var incident = await Incident.FindAsync(transaction, id, reporter: null, cancellationToken)
            ?? throw new InvalidOperationException($"Incident {id} was there a moment ago.");
        return await IncidentResponse.ReadAsync(transaction, incident, now, cancellationToken) with { Receipt = ReceiptResponse.From(receipt) };
    }
}
