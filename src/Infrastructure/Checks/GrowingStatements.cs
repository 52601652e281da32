using System.Runtime.InteropServices;
using LexCustis.Infrastructure.Text;

namespace LexCustis.Infrastructure.Checks;

/// <summary>A sentence of an answer that states something.</summary>
/// <param name="Start">In the whole answer, in UTF-16 code units; so is <paramref name="End"/>.</param>
internal readonly record struct Statement(int Start, int End, string Text);

/// <summary>
/// The statements of an answer that is still being written: those of <see cref="Grounding.Statements"/> on the whole, in order, whatever
/// pieces it comes in. Each is given once its end cannot move any more, which is when another sentence has begun behind it.
/// </summary>
internal sealed class GrowingStatements
{
    // From the beginning of the sentence that is being written.
    private readonly List<char> tail = [];

    // Where the tail begins in the answer.
    private int offset;

    // The tail is cut anew when it has come to this length, a quarter more than last time: so the work grows with the answer's length and
    // not with its square, however long a sentence gets and however small the pieces are.
    private int enough;

    /// <returns>The statements that this piece has settled.</returns>
    public IReadOnlyList<Statement> Append(ReadOnlySpan<char> piece)
    {
        tail.AddRange(piece);
        return tail.Count < enough ? [] : Cut(ended: false);
    }

    /// <summary>The answer is whole.</summary>
    /// <returns>The statements that were not given yet.</returns>
    public IReadOnlyList<Statement> End() => Cut(ended: true);

    /// <remarks>
    /// Where a sentence ends depends on what stands from its beginning to the next sentence's first letter, on nothing before and nothing
    /// behind: so the end of a sentence that another one follows is settled, and cutting goes on from that one.
    /// </remarks>
    private List<Statement> Cut(bool ended)
    {
        var settled = new List<Statement>();
        var text = CollectionsMarshal.AsSpan(tail);
        var cut = new SentenceCutter(text, clauses: true);
        var begun = 0;
        for (var found = cut.MoveNext(); found;)
        {
            var (start, end) = (cut.Start, cut.End);
            begun = start;
            found = cut.MoveNext();
            if ((found || ended) && Terms.Of(text, start, end).SaysSomething)
                settled.Add(new Statement(offset + start, offset + end, new string(text[start..end])));
        }

        tail.RemoveRange(0, begun);
        offset += begun;
        enough = tail.Count + (tail.Count / 4) + 1;
        return settled;
    }
}
