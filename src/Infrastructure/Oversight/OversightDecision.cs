using System.ComponentModel.DataAnnotations;

namespace LexCustis.Infrastructure.Oversight;

/// <summary>What a reviewer may decide on a turn, and what a turn is before anyone did.</summary>
internal static class OversightStatus
{
    /// <summary>Flagged, and nobody has decided: not stored, it is the absence of a row.</summary>
    public const string Pending = "pending";

    /// <summary>Acceptable as it is.</summary>
    public const string Approved = "approved";

    /// <summary>Replaced by a corrected answer.</summary>
    public const string Overridden = "overridden";

    /// <summary>Made an incident.</summary>
    public const string Escalated = "escalated";

    /// <summary>A false alarm, or nothing to be done.</summary>
    public const string Dismissed = "dismissed";

    public static readonly string[] Decisions = [Approved, Overridden, Escalated, Dismissed];
}

/// <summary>A decision without what the reviewer wrote.</summary>
/// <param name="Id">Its entry in the log, whose content is what the reviewer wrote; also what a change of the decision names.</param>
/// <param name="IncidentId">What the turn was escalated to, now or by an earlier decision.</param>
internal sealed record OversightDecision(
    Guid Id, [AllowedValues(OversightStatus.Approved, OversightStatus.Overridden, OversightStatus.Escalated, OversightStatus.Dismissed)] string Decision,
    Guid DecidedBy, DateTimeOffset DecidedAt, Guid? IncidentId);
