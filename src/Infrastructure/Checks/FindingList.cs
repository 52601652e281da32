namespace LexCustis.Infrastructure.Checks;

/// <summary>Gathers findings without allocating before the first; ends as a list sorted by start, without overlaps.</summary>
internal struct FindingList
{
    /// <summary>The one empty answer that every check shares.</summary>
    public static readonly IReadOnlyList<Finding> None = [];

    private List<Finding>? _findings;

    public void Add(Finding finding) => (_findings ??= []).Add(finding);

    /// <summary>
    /// Sorted by start. Of two that overlap the surer stays, of equally sure ones the longer: an e-mail address hides the name in it.
    /// </summary>
    public readonly IReadOnlyList<Finding> ToSorted()
    {
        if (_findings is null)
            return None;
        _findings.Sort(static (a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : b.End.CompareTo(a.End));
        var kept = new List<Finding>(_findings.Count);
        foreach (var finding in _findings)
        {
            if (kept.Count == 0 || kept[^1].End <= finding.Start)
                kept.Add(finding);
            else if (IsBetter(finding, kept[^1]) && (kept.Count == 1 || kept[^2].End <= finding.Start))
                kept[^1] = finding;
        }

        return kept;
    }

    private static bool IsBetter(Finding a, Finding b) =>
        a.Confidence > b.Confidence || (a.Confidence.Equals(b.Confidence) && a.End - a.Start > b.End - b.Start);
}
