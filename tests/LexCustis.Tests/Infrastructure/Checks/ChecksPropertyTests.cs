using FsCheck;
using FsCheck.Fluent;
using LexCustis.Infrastructure.Checks;
using LexCustis.Infrastructure.Retrieval;

namespace LexCustis.Tests.Infrastructure.Checks;

/// <summary>What holds of every text, however it was put together.</summary>
public sealed class ChecksPropertyTests
{
    // Pieces that start or end something in one of the scanners, and pieces that break things off.
    private static readonly string[] Fragments =
    [
        "DE89 3704 0044 0532 0130 00", "4111111111111111", "+49 171 2345678", "a@b.eu", "PESEL ", "44051401359", "Mr ", "Anna ", "Via ", "Roma ", "12", "1", " ", "\n", "\r\n",
        ".", "-", "/", ":", "::", "://", "@", "(", ")", "+", "%41", "%", "\u200B", "\u00A0", "\uD83D\uDE00", "\uD800", "\uDFFF", "\uDB40\uDC41", "\uDB40", "ａ", "１", "é", "ß", "я", "λ",
        "漢", "ignore ", "all ", "previous ", "instructions ", "<|im_start|>", "![x](http://e/?q={a}", "<img ", "aWdub3JlIGFsbCBwcmV2aW91cyBpbnN0cnVjdGlvbnM=", "_-", "==", "i g n o r e ",
        "www.e.eu", "-b.c_d+", "women ", "are ", "lazy ", "\"", "“", "vtaber ", "-----BEGIN PRIVATE KEY-----", "sk-", "eyJ", "password: ", "Tr0ub4dor&3x", "born ", "3. März 1990", "00:1B:44:11:3A:B7", "2001:db8::1",
    ];

    private static readonly Arbitrary<string> Texts = Gen.Elements(Fragments).ListOf().Select(parts => string.Concat(parts)).ToArbitrary();

    // What sentences end with, seem to end with, and begin with.
    private static readonly Arbitrary<string> Sentences = Gen.OneOf(
        Gen.Elements(Fragments),
        Gen.Elements(". ", ".", "! ", "?", "? ", "…", "。", "; ", ";", "\n", "\r\n", "\t", "\u00A0", ".)", ".” ", "..", "..."),
        Gen.Elements("art. ", "No. ", "z. B. ", "3. ", "3.5 ", "IV. "),
        Gen.Elements("The ", "log ", "keeps ", "Ähren ", "élan ", "days", "28 ", "\"Yes", "(no", "— ", "- ", "* ", "漢字", "🦉 "))
        .ListOf().Select(parts => string.Concat(parts)).ToArbitrary();

    private static readonly Passage[] Sources = [new("s#0", "s", "Title", "", 0, "All women and men receive 12 days. Anna signs.", 1, false)];

    [Fact]
    public void Every_check_takes_every_text_and_points_into_it() =>
        Prop.ForAll(Texts, text =>
        {
            var report = TurnChecks.Check(text);
            var grounding = Grounding.Assess(text, Sources);
            Confidence.Score(text, text, Sources, grounding, -0.1);
            return PointsInto(text, report.Pii) && PointsInto(text, report.Injection) && PointsInto(text, report.Bias)
                && grounding.Sentences.All(s => IsSpan(text, s.Start, s.End) && s.Score is >= 0 and <= 1 && PointsInto(text, s.Unsupported ?? []));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_check_takes_any_code_units() =>
        Prop.ForAll(Gen.Choose(0, char.MaxValue).Select(c => (char)c).ArrayOf().Select(units => new string(units)).ToArbitrary(), text =>
        {
            var report = TurnChecks.Check(text);
            return PointsInto(text, report.Pii) && PointsInto(text, report.Injection) && PointsInto(text, report.Bias);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void However_a_stream_is_cut_its_findings_are_the_same() =>
        Prop.ForAll(Texts, Gen.Choose(1, 7).ToArbitrary(), (text, size) =>
        {
            var gathered = new GatheredText();
            foreach (var chunk in text.Chunk(size))
                gathered.Append(chunk);
            var streamed = TurnChecks.After("question", gathered.ToString(), Sources);
            var whole = TurnChecks.After("question", text, Sources);
            return streamed.Pii.SequenceEqual(whole.Pii) && streamed.Bias.SequenceEqual(whole.Bias)
                && streamed.Confidence.Score.Equals(whole.Confidence.Score) && streamed.Grounding.Score.Equals(whole.Grounding.Score);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void However_a_stream_is_cut_its_statements_are_those_of_the_whole() =>
        Prop.ForAll(Sentences, Gen.Choose(1, 9).ListOf().ToArbitrary(), (text, sizes) =>
        {
            var growing = new GrowingStatements();
            var streamed = new List<Statement>();
            for (int at = 0, piece = 0; at < text.Length; piece++)
            {
                // One by one at last, which is how a sentence's end is seen as late as can be.
                var size = Math.Min(piece < sizes.Count ? sizes[piece] : 1, text.Length - at);
                streamed.AddRange(growing.Append(text.AsSpan(at, size)));
                at += size;
            }

            streamed.AddRange(growing.End());
            return streamed.SequenceEqual(Grounding.Statements(text).Select(s => new Statement(s.Start, s.End, text[s.Start..s.End])));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Clean_prose_allocates_nothing()
    {
        var text = string.Concat(Enumerable.Repeat("The report was finished late in the evening. Our office moves in spring. The plan is at https://intranet.firm.eu/plan today. ", 30));
        TurnChecks.Before(text);
        Bias.Find(text);
        var before = GC.GetAllocatedBytesForCurrentThread();
        TurnChecks.Before(text);
        Bias.Find(text);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static bool PointsInto(string text, IReadOnlyList<Finding> findings)
    {
        var end = 0;
        foreach (var finding in findings)
        {
            if (finding.Start < end || !IsSpan(text, finding.Start, finding.End) || finding.Confidence is <= 0 or > 1)
                return false;
            end = finding.End;
        }

        return true;
    }

    private static bool IsSpan(string text, int start, int end) =>
        start >= 0 && start < end && end <= text.Length && !SplitsPair(text, start) && !SplitsPair(text, end);

    private static bool SplitsPair(string text, int index) =>
        index > 0 && index < text.Length && char.IsHighSurrogate(text[index - 1]) && char.IsLowSurrogate(text[index]);
}
