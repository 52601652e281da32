namespace LexCustis.Infrastructure.Redis;

/// <summary>A Lua script, which Redis runs whole before any other command.</summary>
internal sealed class RedisScript(string text)
{
    public string Text { get; } = text;

    /// <summary>The name that SCRIPT LOAD gave it; it depends on the text alone, so it holds for every server, and null is only the time before.</summary>
    public string? Name { get; set; }
}
