using LexCustis.Infrastructure.Checks;
using LexCustis.Infrastructure.Retrieval;

namespace LexCustis.Tests.Infrastructure.Checks;

public sealed class ConfidenceTests
{
    private static readonly Passage[] English = [new("a", "kb/a", "Logs", "", 0, "Providers keep the logs for six months.", 1, Shared: true)];

    [Fact]
    public void A_question_in_another_language_is_held_by_an_English_source_as_far_as_its_terms_are_known()
    {
        Assert.Equal(1, Confidence.Retrieval("Do providers keep logs?", English), 2);
        var known = Confidence.Retrieval("Müssen Anbieter die Protokolle aufbewahren?", English);
        var unknown = Confidence.Retrieval("Müssen Falschparker die Parkscheine aufbewahren?", English);
        Assert.InRange(known, 0.5, 1);
        Assert.InRange(unknown, 0, known / 2);
        Assert.Equal(0, Confidence.Retrieval("Wo ist der Sammelplatz?", English));
    }
}
