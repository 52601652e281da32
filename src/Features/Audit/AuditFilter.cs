using System.Globalization;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace LexCustis.Features.Audit;

/// <summary>The query of the audit list, as it came; <see cref="Read"/> reads it.</summary>
internal sealed class AuditFilter
{
    /// <summary>For example <c>chat.completed</c>.</summary>
    [FromQuery(Name = "event_type")]
    public string? EventType { get; init; }

    /// <summary>Who did it.</summary>
    [FromQuery(Name = "user_id")]
    public string? UserId { get; init; }

    /// <summary>Turns that a check has flagged so.</summary>
    [TurnFlagName]
    [FromQuery(Name = "flag")]
    public string? Flag { get; init; }

    /// <summary>At or after this time (RFC 3339) or date (UTC).</summary>
    [FromQuery(Name = "from")]
    public string? From { get; init; }

    /// <summary>Before this time or date.</summary>
    [FromQuery(Name = "to")]
    public string? To { get; init; }

    [FromQuery(Name = "cursor")]
    public string? Cursor { get; init; }

    [FromQuery(Name = "limit")]
    public string? Limit { get; init; }

    /// <returns>The query read, or what is wrong with it.</returns>
    public (AuditQuery? Query, ValidationProblem? Problem) Read()
    {
        var query = new AuditQuery { EventType = EventType, Flag = Flag };
        var check = new RequestCheck()
            .Require(EventType is null || (EventType.Length is > 0 and <= 100 && EventType.All(static one => char.IsAsciiLetter(one) || one is '.' or '_')), "event_type", "Use an event type such as chat.completed.")
            .Require(UserId is null || (query.User = Guid.TryParse(UserId, out var user) ? user : null) is not null, "user_id", "Use the id of a user.")
            .Require(Flag is null || TurnFlag.All.Contains(Flag), "flag", $"Use one of {string.Join(", ", TurnFlag.All)}.")
            .Require(From is null || (query.Since = Rfc3339.ReadDateOrTime(From)) is not null, "from", "Use an RFC 3339 time or a date.")
            .Require(To is null || (query.Until = Rfc3339.ReadDateOrTime(To)) is not null, "to", "Use an RFC 3339 time or a date.")
            .Require(Cursor is null || (long.TryParse(Cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var before) && (query.Before = before) > 0), "cursor", "Use the next_cursor of the page before.")
            .Require(Limit is null || (int.TryParse(Limit, NumberStyles.None, CultureInfo.InvariantCulture, out var rows) && (query.Limit = rows) is >= 1 and <= Page.MaximumLimit), "limit", $"Use a number from 1 to {Page.MaximumLimit}.");
        return check.Failed ? (null, check.Problem()) : (query, null);
    }
}

/// <summary>What the list is asked for.</summary>
internal sealed class AuditQuery
{
    public string? EventType { get; init; }

    public string? Flag { get; init; }

    /// <summary>Entries below this sequence.</summary>
    public long Before { get; set; } = long.MaxValue;

    public Guid? User { get; set; }

    /// <summary>Inclusive.</summary>
    public DateTimeOffset? Since { get; set; }

    /// <summary>Exclusive.</summary>
    public DateTimeOffset? Until { get; set; }

    public int Limit { get; set; } = Page.DefaultLimit;
}
