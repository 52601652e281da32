namespace LexCustis.Infrastructure.Retrieval;

/// <summary>Makes one list of several ways of searching, and of that what a prompt can hold.</summary>
internal static class Fusion
{
    /// <summary>Reciprocal rank fusion's constant as its authors found it (Cormack, Clarke and Buettcher, SIGIR 2009): what one list has first does not outweigh what two have high.</summary>
    public const int K = 60;

    /// <summary>Each candidate once, by the sum over the lists of 1 / (K + rank), ranks from 1; scaled so that first in every list is 1.</summary>
    public static List<Candidate> Fuse(params IReadOnlyList<IReadOnlyList<Candidate>> lists)
    {
        var sums = new Dictionary<(Guid?, string?), double>();
        foreach (var list in lists)
        {
            for (var rank = 0; rank < list.Count; rank++)
            {
                var key = (list[rank].Id, list[rank].Page);
                sums[key] = sums.GetValueOrDefault(key) + (1.0 / (K + rank + 1));
            }
        }

        var most = (double)Math.Max(1, lists.Count) / (K + 1);
        return [.. sums.Select(sum => new Candidate(sum.Key.Item1, sum.Key.Item2, sum.Value / most))
            .OrderByDescending(static candidate => candidate.Score).ThenBy(static candidate => candidate.Id).ThenBy(static candidate => candidate.Page, StringComparer.Ordinal)];
    }

    /// <summary>The best that say something of their own and fit together.</summary>
    /// <param name="passages">Best first.</param>
    /// <param name="budget">UTF-16 code units of text; the first passage is taken whatever its length.</param>
    public static List<Passage> Select(IEnumerable<Passage> passages, int limit, int budget)
    {
        var selected = new List<Passage>();
        var texts = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var passage in passages)
        {
            if (selected.Count == limit)
                break;
            if (passage.Text.Length > budget && selected.Count > 0)
                continue;
            if (selected.Exists(other => Overlap(other, passage)) || !texts.Add(string.Join(' ', passage.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))))
                continue;
            selected.Add(passage);
            budget -= passage.Text.Length;
        }

        return selected;
    }

    /// <summary>Whether half of the shorter is in the other: neighbours share a little, which is no reason to leave one out.</summary>
    private static bool Overlap(Passage a, Passage b)
    {
        if (a.Document != b.Document || a.Start is not { } aStart || a.End is not { } aEnd || b.Start is not { } bStart || b.End is not { } bEnd)
            return false;
        return Math.Min(aEnd, bEnd) - Math.Max(aStart, bStart) >= Math.Min(aEnd - aStart, bEnd - bStart) / 2.0;
    }
}
