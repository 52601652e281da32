using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Oversight;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Oversight;

internal sealed record OversightList(IReadOnlyList<OversightTurn> Items, string? NextCursor);

/// <summary>The queue and what came of it, newest turn first. The cursor is a sequence: turns that arrive meanwhile change no page.</summary>
internal static class ListTurns
{
    public static void Map(RouteGroupBuilder read) => read.MapGet("/", Handle);

    private static async Task<Results<Ok<OversightList>, ValidationProblem>> Handle(
        [Description("Only turns of this status."), AllowedValues(OversightStatus.Pending, OversightStatus.Approved, OversightStatus.Overridden, OversightStatus.Escalated, OversightStatus.Dismissed)]
        string? status,
        [Description("Only turns that have this flag."), TurnFlagName] string? reason, string? cursor, string? limit, TenantContext tenant, TenantDatabase database, CancellationToken cancellationToken)
    {
        var (before, rows) = (long.MaxValue, Page.DefaultLimit);
        var check = new RequestCheck()
            .Require(status is null or OversightStatus.Pending || OversightStatus.Decisions.Contains(status), "status",
                $"Use one of pending, {string.Join(", ", OversightStatus.Decisions)}.")
            .Require(reason is null || TurnFlag.All.Contains(reason), "reason", $"Use one of {string.Join(", ", TurnFlag.All)}.")
            .Require(cursor is null || (long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out before) && before > 0), "cursor", "Use the next_cursor of the page before.")
            .Require(limit is null || (int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out rows) && rows is >= 1 and <= Page.MaximumLimit), "limit",
                $"Use a number from 1 to {Page.MaximumLimit}.");
        if (check.Failed)
            return check.Problem();

        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        var turns = await OversightTurn.ListAsync(transaction, status, reason, before, rows + 1, cancellationToken);
        var more = turns.Count > rows;
        var items = more ? turns.GetRange(0, rows) : turns;
        return TypedResults.Ok(new OversightList(items, more ? items[^1].Sequence.ToString(CultureInfo.InvariantCulture) : null));
    }
}
