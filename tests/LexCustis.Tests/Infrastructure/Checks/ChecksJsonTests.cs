using System.Text.Json;
using LexCustis.Infrastructure.Checks;
using LexCustis.Infrastructure.Retrieval;

namespace LexCustis.Tests.Infrastructure.Checks;

public sealed class ChecksJsonTests
{
    private static readonly Passage[] Sources = [new("d#0", "d", "Leave", "", 0, "Employees receive 28 days.", 1, false)];

    [Fact]
    public void The_compliance_frame_has_its_agreed_shape()
    {
        var before = TurnChecks.Before("Mail a.b@firma.eu");
        var after = TurnChecks.After("How many days?", "Employees receive 28 days.", Sources);
        var json = JsonSerializer.Serialize(TurnChecks.Report(before, PromptInjection.FindInSources(Sources), after), ChecksJson.Default.ComplianceReport);
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        Assert.Equal("email", root.GetProperty("pii").GetProperty("input")[0].GetProperty("type").GetString());
        Assert.Equal(0, root.GetProperty("pii").GetProperty("output").GetArrayLength());
        Assert.Equal(0, root.GetProperty("injection").GetProperty("sources").GetArrayLength());
        Assert.Equal("d#0", root.GetProperty("grounding").GetProperty("sentences")[0].GetProperty("source").GetString());
        Assert.True(root.GetProperty("confidence").GetProperty("reasons").GetArrayLength() > 0);
    }

    [Fact]
    public void A_finding_writes_only_what_it_has_and_never_the_value()
    {
        var json = JsonSerializer.Serialize(TurnChecks.Check("PESEL 44051401359"), ChecksJson.Default.CheckReport);
        Assert.Equal("""{"pii":[{"type":"pl_pesel","start":6,"end":17,"confidence":0.99,"checksum":"valid","country":"PL"}],"injection":[],"bias":[]}""", json);
    }
}
