using System.Text.Json.Serialization;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Turns;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Chat;

/// <param name="Title">The first message's beginning; empty when it can't be read any more.</param>
internal sealed record ConversationSummary(Guid Id, string Title, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

internal sealed record ConversationList(IReadOnlyList<ConversationSummary> Items, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? NextCursor);

/// <summary>The caller's own conversations, newest first.</summary>
internal static class ListConversations
{
    public static void Map(RouteGroupBuilder chat) => chat.MapGet("/conversations", Handle);

    private static async Task<Results<Ok<ConversationList>, ValidationProblem>> Handle(
        string? cursor, string? limit, TenantContext tenant, TenantDatabase database, SubjectKeys subjectKeys, CancellationToken cancellationToken)
    {
        var page = Page.Read(cursor, limit);
        if (page.Problem is { } problem)
            return problem;

        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        var rows = await transaction.ListAsync("""
            SELECT conversations.id, conversations.created_at, conversations.updated_at, first.id, first.content, first.subject_id
            FROM conversations
            LEFT JOIN LATERAL (
                SELECT audit_logs.id, audit_logs.content, audit_logs.subject_id
                FROM chat_turns JOIN audit_logs ON audit_logs.organization_id = $1 AND audit_logs.id = chat_turns.id
                WHERE chat_turns.organization_id = $1 AND chat_turns.conversation_id = conversations.id
                ORDER BY chat_turns.started_at, chat_turns.id LIMIT 1
            ) AS first ON true
            WHERE conversations.organization_id = $1 AND conversations.user_id = $2
              AND ($3::uuid IS NULL OR (conversations.updated_at, conversations.id) < (SELECT updated_at, id FROM conversations WHERE organization_id = $1 AND user_id = $2 AND id = $3))
            ORDER BY conversations.updated_at DESC, conversations.id DESC LIMIT $4
            """, [tenant.OrganizationId, tenant.UserId, page.After, page.Limit + 1],
            static row => new
            {
                Id = row.GetGuid(0),
                CreatedAt = row.GetFieldValue<DateTimeOffset>(1),
                UpdatedAt = row.GetFieldValue<DateTimeOffset>(2),
                Entry = row.IsDBNull(3) ? default : row.GetGuid(3),
                Content = row.IsDBNull(4) ? null : row.GetFieldValue<byte[]>(4),
                Subject = row.IsDBNull(5) ? (Guid?)null : row.GetGuid(5),
            }, cancellationToken);

        var keys = subjectKeys.ReaderFor(transaction);
        var conversations = new List<ConversationSummary>(rows.Count);
        foreach (var row in rows)
        {
            var content = await keys.OpenAsync(row.Subject, row.Entry, row.Content, cancellationToken);
            conversations.Add(new ConversationSummary(row.Id, content.IsReadable ? Title(TurnContent.FromJson(content.Json.Span).Message) : "", row.CreatedAt, row.UpdatedAt));
        }

        return TypedResults.Ok(new ConversationList(page.Cut(conversations), page.Next(conversations, static conversation => conversation.Id)));
    }

    /// <summary>At most 80 characters of the first line, cut at a word.</summary>
    internal static string Title(string message)
    {
        var line = message.Trim().Split('\n', 2)[0].TrimEnd();
        if (line.Length <= 80)
            return line;
        var space = line.LastIndexOf(' ', 79);
        var end = space > 40 ? space : char.IsHighSurrogate(line[78]) ? 78 : 79;
        return string.Concat(line.AsSpan(0, end), "…");
    }
}
