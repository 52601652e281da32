using LexCustis.Infrastructure.Llm;

namespace LexCustis.Infrastructure.Turns;

/// <summary>What a person or program asks, whichever door it came through.</summary>
internal sealed record TurnRequest
{
    public const int MaximumMessageLength = 100_000;

    /// <summary>The question: what is checked, retrieved for, and answered.</summary>
    public required string Message { get; init; }

    /// <summary>Continues a conversation of the caller's; null begins one, unless <see cref="History"/> is given.</summary>
    public Guid? ConversationId { get; init; }

    /// <summary>Null: the organization's, then 0.3.</summary>
    public double? Temperature { get; init; }

    /// <summary>False answers without looking anything up.</summary>
    public bool UseDocuments { get; init; } = true;

    /// <summary>The messages before the question, from a client that keeps its own conversations; null when they are kept here.</summary>
    public IReadOnlyList<ChatMessage>? History { get; init; }
}
