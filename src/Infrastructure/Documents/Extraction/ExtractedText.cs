namespace LexCustis.Infrastructure.Documents.Extraction;

/// <summary>What a document says. All offsets are in UTF-16 code units of <see cref="Text"/>.</summary>
/// <param name="Text">In Unicode form KC, without control characters; blocks are apart by an empty line.</param>
/// <param name="Headings">In the order of the text, never overlapping.</param>
/// <param name="PageStarts">Where each page begins, ascending, the first at 0; empty for a format without pages.</param>
internal sealed record ExtractedText(string Text, IReadOnlyList<Heading> Headings, IReadOnlyList<int> PageStarts)
{
    /// <returns>1-based; null for a format without pages.</returns>
    public int? PageOf(int offset)
    {
        if (PageStarts.Count == 0)
            return null;
        var (low, high) = (0, PageStarts.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = PageStarts[middle] <= offset ? (middle + 1, high) : (low, middle);
        }

        return Math.Max(1, low);
    }
}

/// <param name="Level">1 for the outermost.</param>
internal sealed record Heading(int Start, int End, int Level);
