using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Infrastructure.Web;

/// <summary>A page of a list ordered by id: <c>?cursor=&amp;limit=</c>. Ask for one row more than <see cref="Limit"/> to learn whether there is a next page.</summary>
internal sealed class Page
{
    public const int DefaultLimit = 50;
    public const int MaximumLimit = 500;

    private Page(Guid? after, int limit, ValidationProblem? problem) => (After, Limit, Problem) = (after, limit, problem);

    /// <summary>The last id of the page before; null on the first.</summary>
    public Guid? After { get; }

    public int Limit { get; }

    /// <summary>What is wrong with the parameters; null when nothing is.</summary>
    public ValidationProblem? Problem { get; }

    public static Page Read(string? cursor, string? limit)
    {
        Guid after = default;
        var rows = 0;
        var check = new RequestCheck()
            .Require(cursor is null || Guid.TryParse(cursor, out after), "cursor", "Use the next_cursor of the page before.")
            .Require(limit is null || (int.TryParse(limit, out rows) && rows is >= 1 and <= MaximumLimit), "limit", $"Use a number from 1 to {MaximumLimit}.");
        return new Page(cursor is null ? null : after, limit is null ? DefaultLimit : rows, check.Failed ? check.Problem() : null);
    }

    /// <summary>The rows without the one too many.</summary>
    public IReadOnlyList<T> Cut<T>(List<T> rows) => rows.Count > Limit ? rows.GetRange(0, Limit) : rows;

    public string? Next<T>(List<T> rows, Func<T, Guid> id) => rows.Count > Limit ? id(rows[Limit - 1]).ToString() : null;
}
