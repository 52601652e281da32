using System.Text;

namespace LexCustis.Infrastructure.Checks;

/// <summary>
/// An answer as its tokens arrive. The checks run once, on the whole: an IBAN that the model writes in five tokens, or an emoji
/// whose halves came apart, is whole again here, so no cut of the stream can change a finding.
/// </summary>
internal sealed class GatheredText
{
    private readonly StringBuilder _text = new();

    public int Length => _text.Length;

    public void Append(ReadOnlySpan<char> chunk) => _text.Append(chunk);

    public override string ToString() => _text.ToString();
}
