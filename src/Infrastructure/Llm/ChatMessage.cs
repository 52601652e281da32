using LexCustis.Infrastructure.Retrieval;

namespace LexCustis.Infrastructure.Llm;

internal enum ChatRole
{
    System,
    User,
    Assistant,
}

/// <summary>One message of the prompt.</summary>
/// <param name="Content">What a model reads; sources are already written into it.</param>
internal sealed record ChatMessage(ChatRole Role, string Content)
{
    /// <summary>The passages that <see cref="Content"/> carries, for a provider that quotes instead of generating.</summary>
    public IReadOnlyList<Passage> Sources { get; init; } = [];
}
