using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Llm;
using LexCustis.Infrastructure.Oversight;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Infrastructure.Turns;

/// <summary>
/// A conversation is a list of turns; what was said in each is in the audit log, encrypted, and nowhere else, so that erasing a person
/// or letting a month expire reaches it.
/// </summary>
internal sealed class Conversations(SubjectKeys subjectKeys)
{
    /// <summary>Turns that are read back for a prompt; its budget of characters may keep fewer.</summary>
    private const int HistoryTurns = 20;

    public static Task<bool> ExistsAsync(TenantTransaction transaction, TenantContext tenant, Guid conversation, CancellationToken cancellationToken) => transaction.ScalarAsync<bool>(
        "SELECT EXISTS (SELECT FROM conversations WHERE organization_id = $1 AND user_id = $2 AND id = $3)",
        [tenant.OrganizationId, tenant.UserId, conversation], cancellationToken);

    /// <summary>Adds a turn that begins now, with its conversation if that is new.</summary>
    /// <param name="conversation">Null for a turn of a client that keeps its own conversations.</param>
    public static async Task AddTurnAsync(
        TenantTransaction transaction, TenantContext tenant, Guid? conversation, Guid turn, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (conversation is not null)
        {
            await transaction.ExecuteAsync("""
                INSERT INTO conversations (id, organization_id, user_id, created_at, updated_at) VALUES ($3, $1, $2, $4, $4)
                ON CONFLICT ON CONSTRAINT conversations_pkey DO UPDATE SET updated_at = greatest(conversations.updated_at, excluded.updated_at)
                """, [tenant.OrganizationId, tenant.UserId, conversation, now.UtcDateTime], cancellationToken);
        }

        await transaction.ExecuteAsync("""
            INSERT INTO chat_turns (id, organization_id, conversation_id, user_id, role, via, started_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
            """, [turn, tenant.OrganizationId, conversation, tenant.UserId, tenant.UserRole, tenant.Via, now.UtcDateTime], cancellationToken);
    }

    /// <summary>The conversation's messages for a prompt, oldest first; turns whose content can't be read are left out.</summary>
    public async Task<IReadOnlyList<ChatMessage>> ReadMessagesAsync(TenantTransaction transaction, Guid conversation, CancellationToken cancellationToken)
    {
        var messages = new List<ChatMessage>();
        foreach (var turn in await ReadTurnsAsync(transaction, conversation, HistoryTurns, cancellationToken))
        {
            if (turn.Content is not { } content)
                continue;
            messages.Add(new ChatMessage(ChatRole.User, content.Message));
            // A conversation goes on from what a reviewer put right, not from what was wrong.
            var answer = turn.Correction?.Answer ?? content.Answer;
            if (answer.Length > 0)
                messages.Add(new ChatMessage(ChatRole.Assistant, answer));
        }

        return messages;
    }

    /// <summary>The newest turns of a conversation, oldest first.</summary>
    public async Task<List<ConversationTurn>> ReadTurnsAsync(TenantTransaction transaction, Guid conversation, int limit, CancellationToken cancellationToken)
    {
        var rows = await transaction.ListAsync("""
            SELECT chat_turns.id, chat_turns.started_at, audit_logs.sequence, audit_logs.content, audit_logs.subject_id,
                correction.id, correction.created_at, correction.content, correction.subject_id
            FROM chat_turns
            LEFT JOIN audit_logs ON audit_logs.organization_id = $1 AND audit_logs.id = chat_turns.id
            LEFT JOIN audit_log_oversight AS decided
                ON decided.organization_id = $1 AND decided.audit_log_id = chat_turns.id AND decided.status = 'overridden'
            LEFT JOIN audit_logs AS correction
                ON correction.organization_id = $1 AND correction.id = decided.entry_ids[cardinality(decided.entry_ids)] AND correction.content IS NOT NULL
            WHERE chat_turns.organization_id = $1 AND chat_turns.conversation_id = $2
            ORDER BY chat_turns.started_at DESC, chat_turns.id DESC LIMIT $3
            """, [transaction.OrganizationId, conversation, limit],
            static row => new
            {
                Id = row.GetGuid(0),
                StartedAt = row.GetFieldValue<DateTimeOffset>(1),
                Sequence = row.IsDBNull(2) ? (long?)null : row.GetInt64(2),
                Content = row.IsDBNull(3) ? null : row.GetFieldValue<byte[]>(3),
                Subject = row.IsDBNull(4) ? (Guid?)null : row.GetGuid(4),
                Correction = row.IsDBNull(5) ? null : new { Id = row.GetGuid(5), At = row.GetTime(6), Content = row.GetFieldValue<byte[]>(7), Subject = row.GetGuid(8) },
            }, cancellationToken);

        var keys = subjectKeys.ReaderFor(transaction);
        var turns = new List<ConversationTurn>(rows.Count);
        foreach (var row in Enumerable.Reverse(rows))
        {
            var said = await keys.OpenAsync(row.Subject, row.Id, row.Content, cancellationToken);
            turns.Add(new ConversationTurn(row.Id, row.StartedAt, row.Sequence, said.State, said.IsReadable ? TurnContent.FromJson(said.Json.Span) : null)
            {
                Correction = row.Correction is { } made && await keys.OpenAsync(made.Subject, made.Id, made.Content, cancellationToken) is { IsReadable: true } written
                    && OversightRemark.FromJson(written.Json.Span).CorrectedAnswer is { } answer ? new Correction(answer, made.At) : null,
            });
        }

        return turns;
    }
}

/// <param name="Sequence">Null while the turn is under way.</param>
/// <param name="State">Of what was said.</param>
/// <param name="Content">Null unless it is readable.</param>
internal sealed record ConversationTurn(Guid Id, DateTimeOffset StartedAt, long? Sequence, ContentState State, TurnContent? Content)
{
    /// <summary>Null unless a reviewer overrode the answer, and while what they wrote can be read.</summary>
    public Correction? Correction { get; init; }
}

/// <summary>What a reviewer said that the answer should have been.</summary>
internal sealed record Correction(string Answer, DateTimeOffset DecidedAt);
