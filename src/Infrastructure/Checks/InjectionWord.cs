namespace LexCustis.Infrastructure.Checks;

/// <summary>
/// What a word says where one speaks to a model, whatever the language; the sections of <c>Lexicons/injection.txt</c> carry these
/// names. Question, Quoted and Address stand for what no lexicon holds.
/// </summary>
internal enum InjectionWord : byte
{
    None,

    /// <summary>"ignore", "forget", "bypass".</summary>
    Override,

    /// <summary>"previous", "above", "all".</summary>
    Scope,

    /// <summary>"instructions", "limits", "filters", "policy".</summary>
    Rules,

    /// <summary>The one spoken to: "you", "your".</summary>
    You,

    /// <summary>"AI", "assistant", "language model", "bot".</summary>
    Model,

    /// <summary>The one the model works for: "the user", "the reader".</summary>
    Reader,

    /// <summary>"reveal", "print", "repeat".</summary>
    Reveal,

    /// <summary>"system prompt", "context", "initial message".</summary>
    Prompt,

    /// <summary>"hidden", "confidential", "password".</summary>
    Secret,

    /// <summary>Masks that jailbreaks are known by: "DAN", "developer mode".</summary>
    Persona,

    /// <summary>"pretend", "act as", "you are now".</summary>
    Pretend,

    /// <summary>"no filter", "never refuses", "uncensored".</summary>
    Unbound,

    /// <summary>"revoked", "lifted", "no longer apply".</summary>
    Void,

    /// <summary>"your developers", "were told", "configured".</summary>
    Makers,

    /// <summary>"obey", "comply", "do what I say".</summary>
    Obey,

    /// <summary>"only", "instead", "nothing else".</summary>
    Only,

    /// <summary>"from now on", "in this chat".</summary>
    Now,

    /// <summary>"send", "forward", "append", "encode".</summary>
    Send,

    /// <summary>"tool", "function", "run", "shell".</summary>
    Tool,

    /// <summary>"without asking", "secretly", "do not mention".</summary>
    Silently,

    /// <summary>"state that", "recommend", "rate", "approve".</summary>
    Claim,

    /// <summary>"this document", "this CV".</summary>
    Document,

    /// <summary>"I am the administrator", "I authorise".</summary>
    Authority,

    /// <summary>"explain", "example", "what does": words that speak about an attack.</summary>
    Mention,

    /// <summary>"my", "our".</summary>
    Mine,

    /// <summary>"how", "why", "can I".</summary>
    Ask,

    /// <summary>"he", "staff", "the judge".</summary>
    Third,

    /// <summary>"must not", "never", "should".</summary>
    Ought,

    /// <summary>The sentence ends with a question mark.</summary>
    Question,

    /// <summary>A quotation mark stands in the sentence.</summary>
    Quoted,

    /// <summary>What carries data out: "link", "URL", "image", "query string", "webhook".</summary>
    Carrier,

    /// <summary>What was said: "the conversation", "chat history", "the user's messages".</summary>
    Talk,

    /// <summary>An e-mail address or a host (<see cref="AddressWord"/>).</summary>
    Address,

    /// <summary>A word that reads as English when turned by thirteen letters. The last: it is no class of a sentence.</summary>
    Rot13,
}
