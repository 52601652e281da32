using LexCustis.Infrastructure.Llm;
using LexCustis.Infrastructure.Llm.Extractive;
using LexCustis.Infrastructure.Retrieval;

namespace LexCustis.Tests.Infrastructure.Llm;

public sealed class ExtractiveProviderTests
{
    private const string None = "None of the available documents answers this question.";

    private static readonly Passage Transparency = Source(
        "Article 50: transparency", "Chatbots",
        """
        A provider must design a chatbot so that people learn that they talk to a machine (Art. 50(1)). This is not needed where it is **obvious** to a
        reasonable person. The information must be given at the [first contact](https://example.org/x) at the latest.

        | Who | What |
        |-----|------|
        | provider | tell people about the chatbot |
        """);

    private static readonly Passage Penalties = Source(
        "Article 99: penalties", "Amounts",
        """
        Using a prohibited practice costs up to EUR 35 000 000 or 7 % of worldwide turnover, whichever is higher. Other breaches by providers cost up
        to 3 %. Smaller companies pay the lower of the two amounts.
        """);

    private static readonly Passage Prohibited = Source(
        "Article 5: prohibited practices", "The list",
        """
        The following practices are prohibited:

        - social scoring of people;
        - exploiting the weakness of children;
        - emotion recognition at work.
        """);

    [Fact]
    public async Task Quotes_the_sentences_that_answer_and_names_the_source()
    {
        Assert.Equal(
            "According to Article 50: transparency › Chatbots: “A provider must design a chatbot so that people learn that they talk to a machine (Art. 50(1)). "
            + "This is not needed where it is obvious to a reasonable person.” [2]",
            await AskAsync("Do people have to know that they talk to a chatbot?", Penalties, Transparency));
    }

    [Fact]
    public async Task Quotes_a_list_with_its_introduction() =>
        Assert.Equal(
            "According to Article 5: prohibited practices › The list: “The following practices are prohibited: social scoring of people; "
            + "exploiting the weakness of children; emotion recognition at work.” [1]",
            await AskAsync("Which AI practices are prohibited?", Prohibited));

    [Fact]
    public async Task Quotes_a_second_source_where_it_says_more()
    {
        var answer = await AskAsync("What are the penalties for prohibited practices?", Penalties, Prohibited);
        Assert.StartsWith("According to Article 99", answer, StringComparison.Ordinal);
        Assert.Contains("\n\nArticle 5: prohibited practices › The list adds: “", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_the_same_thing_once()
    {
        var answer = await AskAsync("Do people have to know that they talk to a chatbot?", Transparency, Transparency with { Id = "copy" });
        Assert.Equal(answer.IndexOf("talk to a machine", StringComparison.Ordinal), answer.LastIndexOf("talk to a machine", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Who won the football world cup in 1998?", None)]
    [InlineData("What is it?", None)]
    [InlineData("", None)]
    [InlineData("Qui a gagné la coupe du monde de football ?", "Aucun des documents disponibles ne répond à cette question.")]
    [InlineData("Wer hat die Weltmeisterschaft im Fußball gewonnen?", "Keines der verfügbaren Dokumente beantwortet diese Frage.")]
    [InlineData("¿Quién ganó el mundial de fútbol?", "Ninguno de los documentos disponibles responde a esta pregunta.")]
    [InlineData("Chi ha vinto i mondiali di calcio?", "Nessuno dei documenti disponibili risponde a questa domanda.")]
    public async Task Says_plainly_that_nothing_answers(string question, string answer) =>
        Assert.Equal(answer, await AskAsync(question, Transparency, Penalties, Prohibited));

    [Fact]
    public async Task Says_so_without_any_source_too() => Assert.Equal(None, await AskAsync("What does Article 50 say?"));

    [Fact]
    public async Task Speaks_the_language_of_the_question()
    {
        var french = Source("Règlement IA", "Sanctions", "Les pratiques interdites coûtent jusqu’à 35 millions d’euros. Le montant « le plus élevé » s’applique aux pratiques interdites.");
        Assert.Equal(
            "Selon Règlement IA › Sanctions : « Les pratiques interdites coûtent jusqu’à 35 millions d’euros. Le montant ‹ le plus élevé › s’applique aux pratiques interdites. » [1]",
            await AskAsync("Quelles sont les sanctions pour les pratiques interdites ?", french));

        var german = Source("KI-Verordnung", "", "Anbieter müssen Protokolle mindestens sechs Monate aufbewahren, vgl. Art. 19 Abs. 1 der Verordnung.");
        Assert.Equal(
            "Laut KI-Verordnung: „Anbieter müssen Protokolle mindestens sechs Monate aufbewahren, vgl. Art. 19 Abs. 1 der Verordnung.“ [1]",
            await AskAsync("Wie lange müssen wir die Protokolle aufbewahren?", german));
    }

    [Fact]
    public async Task Is_short_whole_and_free_of_markdown()
    {
        var rambling = Source("Log", "", string.Concat(Enumerable.Range(0, 200).Select(i => $"The **audit log** number {i} keeps [entry](x) `{i}` for a long time indeed, as everybody knows. ")));
        var answer = await AskAsync("How long does the audit log keep an entry?", rambling, Transparency);
        Assert.InRange(answer.Split(' ').Length, 10, 120);
        Assert.DoesNotContain('*', answer);
        Assert.DoesNotContain('`', answer);
        Assert.DoesNotContain("](", answer, StringComparison.Ordinal);
        Assert.EndsWith(".” [1]", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Streams_word_by_word_and_reports()
    {
        var report = new UpstreamReport();
        var pieces = new List<string>();
        var prompt = PromptBuilder.Build(null, [Transparency], [], "Must people know that they talk to a chatbot?");
        await foreach (var piece in new ExtractiveProvider().StreamChatAsync(prompt, report: report, cancellationToken: TestContext.Current.CancellationToken))
            pieces.Add(piece);

        Assert.Equal("According ", pieces[0]);
        Assert.All(pieces, p => Assert.InRange(p.Trim().Split(' ').Length, 1, 1));
        Assert.Equal(("extractive", "stop"), (report.Model, report.FinishReason));
    }

    [Fact]
    public async Task Stops_when_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in new ExtractiveProvider().StreamChatAsync([new(ChatRole.User, "Hello?")], cancellationToken: cancel.Token))
                await cancel.CancelAsync();
        });
    }

    [Theory]
    [InlineData("See Art. 8 to 15. Then act on it.", "See Art. 8 to 15.|Then act on it.")]
    [InlineData("Es gilt ab dem 2. August 2026 für alle. Mehr steht in Art. 113.", "Es gilt ab dem 2. August 2026 für alle.|Mehr steht in Art. 113.")]
    [InlineData("Costs rise, e.g. Fuel does every year. He said \"no way, not me.\" Prices fell by 3.5 % then!", "Costs rise, e.g. Fuel does every year.|He said \"no way, not me.\"|Prices fell by 3.5 % then!")]
    [InlineData("# Heading\n> A quote is prose too\n> over two lines.\n\n---\n```\nvar code = 1; // is not prose\n```\n<!-- nor a\ncomment -->", "A quote is prose too over two lines.")]
    [InlineData("- An item without its stop\n- Another item that has one.\n- short", "An item without its stop.|Another item that has one.")]
    [InlineData("The steps are these:\n1. Write it all down.\n2. Sign it with care.", "Write it all down.|Sign it with care.")]
    [InlineData("They must\n\nkeep it; and what then?", "")]
    [InlineData("Use `snake_case_names` and *never* __shout__ at [people](http://x) ok.", "Use snake_case_names and never shout at people ok.")]
    public void Takes_Markdown_apart_into_statements(string markdown, string statements) =>
        Assert.Equal(statements.Split('|', StringSplitOptions.RemoveEmptyEntries), MarkdownSentences.Of(markdown));

    private static async Task<string> AskAsync(string question, params Passage[] sources)
    {
        var answer = "";
        await foreach (var piece in new ExtractiveProvider().StreamChatAsync(PromptBuilder.Build(null, sources, [], question), cancellationToken: TestContext.Current.CancellationToken))
            answer += piece;
        return answer;
    }

    private static Passage Source(string title, string heading, string text) => new(title, title, title, heading, 0, text, 1, Shared: true);
}
