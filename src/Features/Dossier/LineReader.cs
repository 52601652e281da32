namespace LexCustis.Features.Dossier;

/// <summary>Lines of a stream, one at a time; no longer than the longest that there may be.</summary>
internal sealed class LineReader(Stream content) : IDisposable
{
    private const int LongestLine = 64 << 20;

    private byte[] buffer = new byte[64 << 10];
    private int begin;
    private int end;

    /// <returns>The line without its line feed, until the next call; null at the end.</returns>
    /// <exception cref="DossierException">The last line is cut off, or one is too long.</exception>
    public ReadOnlyMemory<byte>? Read()
    {
        for (var searched = begin; ;)
        {
            var feed = buffer.AsSpan(searched, end - searched).IndexOf((byte)'\n');
            if (feed >= 0)
            {
                var line = buffer.AsMemory(begin, searched + feed - begin);
                begin = searched + feed + 1;
                return line;
            }

            searched = end - begin;
            MakeRoom();
            var read = content.Read(buffer, end, buffer.Length - end);
            if (read == 0)
                return begin == end ? null : throw new DossierException("its last line is not complete, no line feed ends it");
            end += read;
        }
    }

    public void Dispose() => content.Dispose();

    private void MakeRoom()
    {
        buffer.AsSpan(begin, end - begin).CopyTo(buffer);
        (begin, end) = (0, end - begin);
        if (end < buffer.Length)
            return;
        if (end >= LongestLine)
            throw new DossierException("a line is longer than 64 MB");
        Array.Resize(ref buffer, buffer.Length * 2);
    }
}
