using System.Buffers;

namespace LexCustis.Infrastructure.Checks;

/// <summary>Literal strings that belong to the plumbing between program and model, and so to no user's text.</summary>
internal sealed record Marker(string Text, string Type, double Confidence)
{
    private const int LongestImage = 2048;

    private static readonly SearchValues<char> Slots = SearchValues.Create("{}[]<>");

    private static readonly SearchValues<string> CallsOut =
        SearchValues.Create(["cookie", "fetch(", "XMLHttpRequest", "sendBeacon", "localStorage", "innerText", "innerHTML", "location=", "location ="], StringComparison.OrdinalIgnoreCase);

    private static readonly Marker[] Table =
    [
        Template("<|im_start|>"), Template("<|im_end|>"), Template("<|im_sep|>"), Template("<|system|>"), Template("<|user|>"), Template("<|assistant|>"),
        Template("<|endoftext|>"), Template("<|end_of_text|>"), Template("<|eot_id|>"), Template("<|start_header_id|>"), Template("<|end_header_id|>"),
        Template("<|begin_of_text|>"), Template("<start_of_turn>"), Template("<end_of_turn>"), Template("[INST]"), Template("[/INST]"), Template("<<SYS>>"),
        Template("<</SYS>>"), Template("[SYSTEM_PROMPT]"), Template("[/SYSTEM_PROMPT]"), Template("[AVAILABLE_TOOLS]"), Template("### System:"),
        Template("### Instruction:"), Template("<system>"), Template("</system>"), Template("<system_prompt>"), Template("\nHuman:"), Template("\nAssistant:"),
        Template("\nSystem:"), Template("[system](#"), Template("BEGIN SYSTEM PROMPT"), Template("END OF SYSTEM PROMPT"), Template("<|channel|>"), Template("<|message|>"),
        Tool("<tool_call>"), Tool("</tool_call>"), Tool("<function_calls>"), Tool("<invoke name="), Tool("[TOOL_CALLS]"), Tool("[TOOL_RESULTS]"),
        Tool("\"tool_calls\""), Tool("\"function_call\""), Tool("<tool_response>"), Tool("<|python_tag|>"), Tool("\"role\":\"system\""),
        Tool("\"role\": \"system\""), Tool("\"role\": \"tool\""), Tool("\"role\":\"tool\""),
        new("![", "markdown_exfiltration", 0.85), new("<img", "html_exfiltration", 0.85), new("<iframe", "html_exfiltration", 0.8),
        new("<script", "html_exfiltration", 0.8), new("javascript:", "html_exfiltration", 0.75),
    ];

    public static IEnumerable<string> All => Table.Select(m => m.Text);

    /// <summary>The marker that <paramref name="text"/> begins with.</summary>
    public static Marker At(ReadOnlySpan<char> text)
    {
        Marker best = Table[0];
        var length = 0;
        foreach (var marker in Table)
        {
            if (marker.Text.Length > length && text.StartsWith(marker.Text, StringComparison.OrdinalIgnoreCase))
                (best, length) = (marker, marker.Text.Length);
        }

        return best;
    }

    /// <summary>Whether the marker is one here, and up to where it reaches.</summary>
    public bool Applies(ReadOnlySpan<char> text, int start, out int end)
    {
        end = start + Text.Length;
        return Type switch
        {
            "markdown_exfiltration" => TryImage(text, start, out end),
            "html_exfiltration" when Text == "javascript:" => IsAddress(text, start),
            "html_exfiltration" when Text == "<script" => TryScript(text, start, out end),
            "html_exfiltration" => TryTag(text, start, out end),
            _ => true,
        };
    }

    // In a link or an attribute; elsewhere it names the language.
    private bool IsAddress(ReadOnlySpan<char> text, int start) =>
        start > 0 && text[start - 1] is '"' or '\'' or '(' or '=' && start + Text.Length < text.Length && !char.IsWhiteSpace(text[start + Text.Length]);

    // A script is no attack in a text about web pages; one that reads the page or calls out is.
    private static bool TryScript(ReadOnlySpan<char> text, int start, out int end)
    {
        var window = text.Slice(start, Math.Min(LongestImage, text.Length - start));
        var close = window.IndexOf("</script", StringComparison.OrdinalIgnoreCase);
        window = close < 0 ? window : window[..close];
        end = start + window.Length;
        end -= end < text.Length && end > start && char.IsHighSurrogate(text[end - 1]) ? 1 : 0;
        return window.ContainsAny(CallsOut);
    }

    private static Marker Template(string text) => new(text, "delimiter_smuggling", 0.85);

    private static Marker Tool(string text) => new(text, "tool_call_smuggling", 0.8);

    // An image is fetched without a click; one whose address has a slot to fill carries something out.
    private static bool TryImage(ReadOnlySpan<char> text, int start, out int end)
    {
        end = start;
        var window = text.Slice(start, Math.Min(LongestImage, text.Length - start));
        var open = window.IndexOf("](");
        if (open < 0 || window[..open].Contains('\n'))
            return false;
        var close = window[open..].IndexOf(')');
        var address = close < 0 ? window[(open + 2)..] : window[(open + 2)..(open + close)];
        end = start + (close < 0 ? open + 2 : open + close + 1);
        return CarriesData(address);
    }

    private static bool TryTag(ReadOnlySpan<char> text, int start, out int end)
    {
        end = start;
        var window = text.Slice(start, Math.Min(LongestImage, text.Length - start));
        var close = window.IndexOf('>');
        if (close < 0)
            return false;
        end = start + close + 1;
        return window[..close].Contains("onerror", StringComparison.OrdinalIgnoreCase) || CarriesData(window[..close]);
    }

    private static bool CarriesData(ReadOnlySpan<char> address)
    {
        var query = address.IndexOf('?');
        var host = address.IndexOf("//");
        if (host < 0)
            return false;
        if (address[(host + 2)..].ContainsAny(Slots) && (query >= 0 || address.Contains('{')))
            return true;
        if (query < 0)
            return false;
        var rest = address[query..];
        return rest.Contains("=DATA", StringComparison.OrdinalIgnoreCase) || rest.Contains("secret", StringComparison.OrdinalIgnoreCase)
            || rest.Contains("prompt", StringComparison.OrdinalIgnoreCase) || rest.Contains("history", StringComparison.OrdinalIgnoreCase)
            || rest.Contains("conversation", StringComparison.OrdinalIgnoreCase) || rest.Contains("leak", StringComparison.OrdinalIgnoreCase)
            || rest.Contains("exfil", StringComparison.OrdinalIgnoreCase);
    }
}
