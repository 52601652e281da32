using System.Text;
using LexCustis.Infrastructure.Documents;
using LexCustis.Infrastructure.Documents.Extraction;
using LexCustis.Infrastructure.Documents.Passages;
using LexCustis.Infrastructure.Text;

namespace LexCustis.Tests.Infrastructure.Documents;

public sealed class PassageCutterTests
{
    private static readonly string[] Pieces =
        ["word", "Wörter", "z. B.", "Art. 50", "end.", "really?", "(so.)", "\n", "\n\n", " ", "- item", "| cell |", "漢字漢字漢字。", "🙂🙂", new string('x', 3_000), "...", "\t", "a,b;c"];

    [Fact]
    public void Passages_of_any_text_hold_what_they_say_and_lose_nothing()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var text = RandomText(new Random(seed));
            var passages = PassageCutter.Cut(text, int.MaxValue);

            var covered = new bool[text.Text.Length];
            foreach (var heading in text.Headings)
                covered.AsSpan(heading.Start, heading.End - heading.Start).Fill(true);
            for (var position = 0; position < passages.Count; position++)
            {
                var passage = passages[position];
                Assert.Equal(position, passage.Position);
                Assert.Equal(text.Text[passage.Start..passage.End], passage.Content);
                Assert.False(char.IsWhiteSpace(passage.Content[0]) || char.IsWhiteSpace(passage.Content[^1]) || char.IsLowSurrogate(passage.Content[0]) || char.IsHighSurrogate(passage.Content[^1]));
                Assert.InRange(TokenEstimate.Of(passage.Content), 1, PassageCutter.Target + 20);
                Assert.Equal(text.PageOf(passage.Start), passage.Page);
                Assert.True(position == 0 || (passage.Start > passages[position - 1].Start && passage.End > passages[position - 1].End), $"seed {seed}");
                covered.AsSpan(passage.Start, passage.End - passage.Start).Fill(true);
            }

            for (var at = 0; at < covered.Length; at++)
                Assert.True(covered[at] || char.IsWhiteSpace(text.Text[at]), $"seed {seed}: nothing holds what stands at {at}");
        }
    }

    [Fact]
    public void A_passage_repeats_the_last_sentences_of_the_one_before()
    {
        var text = string.Join(' ', Enumerable.Range(0, 200).Select(static number => $"This is sentence number {number} of the whole."));
        var passages = PassageCutter.Cut(new ExtractedText(text, [], []), int.MaxValue);

        Assert.InRange(passages.Count, 4, 12);
        for (var position = 1; position < passages.Count; position++)
        {
            var repeated = text[passages[position].Start..passages[position - 1].End];
            Assert.Equal(2, repeated.Split("This is").Length - 1);
            Assert.StartsWith("This is", repeated, StringComparison.Ordinal);
            Assert.EndsWith("whole.", repeated, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_path_of_headings_stands_above_and_one_with_nothing_below_is_a_passage()
    {
        var passages = PassageCutter.Cut(MarkdownText.Read(Encoding.UTF8.GetBytes(
            "Before.\n# A\n## A1\nIn A1.\n### A1a\nIn A1a.\n## A2\n# B\nIn B.\n### B0x\nIn B0x.\n# C"), 10_000), 100);

        Assert.Equal(
            [("", "Before."), ("A › A1", "In A1."), ("A › A1 › A1a", "In A1a."), ("A", "A2"), ("B", "In B."), ("B › B0x", "In B0x."), ("", "C")],
            passages.Select(static passage => (passage.Heading, passage.Content)));
    }

    [Fact]
    public void More_passages_than_allowed_are_refused()
    {
        var text = MarkdownText.Read(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("# a\nb\n", 11))), 10_000);
        Assert.Equal(11, PassageCutter.Cut(text, 11).Count);
        Assert.Equal("too_complex", Assert.Throws<UnreadableDocumentException>(() => PassageCutter.Cut(text, 10)).Reason.Code);
    }

    [Theory]
    [InlineData("The provider shall keep the logs for a period that is appropriate to the purpose of the system.", "english")]
    [InlineData("Der Anbieter bewahrt die Protokolle auf, und zwar so lange, wie es für den Zweck des Systems nötig ist.", "german")]
    [InlineData("Le fournisseur conserve les journaux pour une durée qui est adaptée à la finalité du système.", "french")]
    [InlineData("El proveedor conserva los registros por un período que es adecuado para la finalidad del sistema.", "spanish")]
    [InlineData("Il fornitore conserva i registri per un periodo che è adeguato alla finalità del sistema.", "italian")]
    [InlineData("De aanbieder bewaart de logs voor een periode die niet korter is dan het doel van het systeem vereist.", "dutch")]
    [InlineData("O prestador conserva os registos por um período que não é mais curto do que a finalidade do sistema exige.", "portuguese")]
    [InlineData("Leverantören ska bevara loggarna under en tid som är lämplig för ändamålet och inte kortare än sex månader.", "swedish")]
    [InlineData("Udbyderen skal opbevare loggene i en periode, som ikke er kortere, end formålet med systemet kræver af dem.", "danish")]
    [InlineData("Palveluntarjoaja säilyttää lokit niin kauan kuin se on tarpeen, mutta ei lyhyempää aikaa kuin laki sanoo.", "finnish")]
    [InlineData("Furnizorul păstrează jurnalele pentru o perioadă care nu este mai scurtă decât cere scopul sistemului și legea.", "romanian")]
    [InlineData("A szolgáltató a naplókat addig őrzi meg, amíg az szükséges, de nem rövidebb ideig, mint azt a törvény előírja.", "hungarian")]
    [InlineData("Ο πάροχος τηρεί τα αρχεία για χρονικό διάστημα που είναι κατάλληλο για τον σκοπό του συστήματος.", "greek")]
    [InlineData("Dostawca przechowuje rejestry przez okres odpowiedni do celu systemu, lecz nie krótszy niż sześć miesięcy.", "simple")]
    [InlineData("Poskytovatel uchovává protokoly po dobu, která odpovídá účelu systému, nejméně však šest měsíců.", "simple")]
    [InlineData("4711 0815 EUR 12.50 | A-17 | B-18", "simple")]
    [InlineData("提供者は、システムの目的に応じた期間、ログを保存する。", "simple")]
    public void The_language_is_guessed_by_its_little_words(string text, string language) => Assert.Equal(language, LanguageGuess.Of(text).Language);

    [Fact]
    public void A_passage_in_another_language_has_that_one_and_a_table_its_documents()
    {
        const string German = "Der Anbieter bewahrt die Protokolle auf, und zwar so lange, wie es für den Zweck des Systems nötig ist.";
        const string English = "The provider shall keep the logs for a period that is appropriate to the purpose of the system.";
        var guess = LanguageGuess.Of(string.Concat(Enumerable.Repeat(German, 5)) + English);
        Assert.Equal(("german", "english", "german"), (guess.Language, guess.For(English), guess.For("Artikel 4711 | 12 EUR | lieferbar")));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("a", 1)]
    [InlineData("sentence", 2)]
    [InlineData("One, two.", 4)]
    [InlineData("漢字漢字", 2)]
    public void Tokens_are_estimated(string text, int tokens) => Assert.Equal(tokens, TokenEstimate.Of(text));

    /// <summary>Pieces of all kinds, with headings and pages strewn in.</summary>
    private static ExtractedText RandomText(Random random)
    {
        var text = new StringBuilder("Start");
        var headings = new List<Heading>();
        var pages = new List<int> { 0 };
        for (var count = random.Next(600); count > 0; count--)
        {
            if (random.Next(40) == 0)
            {
                text.Append("\n\n");
                headings.Add(new Heading(text.Length, text.Length + "A heading".Length, random.Next(1, 7)));
                text.Append("A heading\n\n");
            }
            else if (random.Next(60) == 0)
                pages.Add(text.Length);
            else
                text.Append(Pieces[random.Next(Pieces.Length)]).Append(random.Next(4) == 0 ? "" : " ");
        }

        return new ExtractedText(text.ToString(), headings, pages);
    }
}
