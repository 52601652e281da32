namespace LexCustis.Infrastructure.Documents.Extraction;

internal static class PlainText
{
    public static ExtractedText Read(byte[] file, int maxCharacters)
    {
        var text = TextEncoding.Decode(file).ReplaceLineEndings("\n").AsSpan();
        var builder = new TextBuilder(maxCharacters);
        foreach (var range in text.Split("\n\n"))
            builder.AppendBlock(text[range].ToString());
        return builder.Build();
    }
}
