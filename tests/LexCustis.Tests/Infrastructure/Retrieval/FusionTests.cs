using LexCustis.Infrastructure.Retrieval;

namespace LexCustis.Tests.Infrastructure.Retrieval;

public sealed class FusionTests
{
    [Fact]
    public void What_two_lists_have_high_comes_before_what_one_has_first()
    {
        var fused = Fusion.Fuse([Page("a"), Page("b"), Page("c")], [Page("d"), Page("b"), Page("a")]);
        Assert.Equal(["a", "b", "d", "c"], fused.Select(static candidate => candidate.Page));
        Assert.Equal(((1.0 / 61) + (1.0 / 63)) / (2.0 / 61), fused[0].Score, 12);
    }

    [Fact]
    public void First_in_every_list_is_one_and_one_list_keeps_its_order()
    {
        Assert.Equal(1, Fusion.Fuse([Page("a"), Page("b")], [Page("a")])[0].Score, 12);
        var documents = Enumerable.Range(0, 50).Select(static _ => new Candidate(Guid.CreateVersion7(), null, 0)).ToList();
        Assert.Equal(documents.Select(static candidate => candidate.Id), Fusion.Fuse(documents).Select(static candidate => candidate.Id));
        Assert.Empty(Fusion.Fuse([], []));
    }

    [Fact]
    public void The_same_text_and_what_mostly_overlaps_is_left_out_and_neighbours_that_share_a_little_stay()
    {
        Passage[] passages =
        [
            Passage("1", "One two three.", 0, 100), Passage("2", "one  two\nTHREE.", 500, 600), Passage("3", "Overlapping.", 50, 140),
            Passage("4", "A neighbour.", 80, 200), Passage("5", "Another document.", 0, 100) with { Document = "other" },
        ];
        Assert.Equal(["1", "4", "5"], Fusion.Select(passages, 10, 1_000).Select(static passage => passage.Id));
    }

    [Fact]
    public void The_budget_leaves_out_what_is_too_long_but_never_the_best()
    {
        Passage[] passages = [Passage("1", new string('a', 50), 0, 50), Passage("2", new string('b', 60), 100, 160), Passage("3", new string('c', 40), 200, 240)];
        Assert.Equal(["1", "3"], Fusion.Select(passages, 10, 100).Select(static passage => passage.Id));
        Assert.Equal(["1"], Fusion.Select(passages, 10, 10).Select(static passage => passage.Id));
        Assert.Equal(["1", "2"], Fusion.Select(passages, 2, 1_000).Select(static passage => passage.Id));
    }

    private static Candidate Page(string name) => new(null, name, 0);

    private static Passage Passage(string id, string text, int start, int end) => new(id, "document", "", "", 0, text, 1, Shared: false) { Start = start, End = end };
}
