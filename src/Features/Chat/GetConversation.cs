using System.ComponentModel.DataAnnotations;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Retrieval;
using LexCustis.Infrastructure.Turns;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Chat;

/// <param name="Status"><c>recorded</c>, <c>running</c> while there is no entry yet, <c>erased</c> when the key to what was said is gone, or <c>unreadable</c> when somebody changed it in the database.</param>
/// <param name="AuditLogId">The turn's entry in the log.</param>
/// <param name="Correction">What a reviewer put in the answer's place; null when nobody did.</param>
internal sealed record ConversationTurnResponse(
    Guid AuditLogId, long? Sequence, DateTimeOffset StartedAt, [AllowedValues("recorded", "running", "erased", "unreadable")] string Status, string? Message, string? Answer, IReadOnlyList<Passage>? Sources,
    Correction? Correction);

internal sealed record ConversationDetail(Guid Id, IReadOnlyList<ConversationTurnResponse> Turns);

/// <summary>One of the caller's own conversations, its latest 500 turns, oldest first.</summary>
internal static class GetConversation
{
    private const int TurnLimit = 500;

    public static void Map(RouteGroupBuilder chat) => chat.MapGet("/conversations/{id:guid}", Handle);

    private static async Task<Results<Ok<ConversationDetail>, ProblemHttpResult>> Handle(
        Guid id, TenantContext tenant, TenantDatabase database, Conversations conversations, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        if (!await Conversations.ExistsAsync(transaction, tenant, id, cancellationToken))
            return Problems.NotFound("conversation");

        var turns = await conversations.ReadTurnsAsync(transaction, id, TurnLimit, cancellationToken);
        return TypedResults.Ok(new ConversationDetail(id, turns.ConvertAll(static turn => new ConversationTurnResponse(
            turn.Id, turn.Sequence, turn.StartedAt, StatusOf(turn), turn.Content?.Message, turn.Content?.Answer, turn.Content?.Sources, turn.Correction))));
    }

    private static string StatusOf(ConversationTurn turn) => turn switch
    {
        { Sequence: null } => "running",
        { State: ContentState.Readable } => "recorded",
        { State: ContentState.Unreadable } => "unreadable",
        // A turn that ended after its person was erased never had content.
        _ => "erased",
    };
}
