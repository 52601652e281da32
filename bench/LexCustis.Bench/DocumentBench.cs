using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LexCustis.Tests.Harness;

namespace LexCustis.Bench;

/// <summary>
/// Documents on their whole way, from the first byte of an upload until the last one can be searched: over HTTP, four at once, read, cut and indexed by
/// the server's own workers, in each format in turn. Some ten pages each, the knowledge base's paragraphs in another order every time.
/// </summary>
internal static class DocumentBench
{
    private const int Rounds = 5;
    private const int DocumentsARound = 20;
    private const int Uploaders = 4;
    private const int CharactersADocument = 25_000;
    private static readonly Random Random = new(7);

    private static readonly (string Ending, Func<List<string>, byte[]> Make)[] Formats =
    [
        ("txt", static paragraphs => Encoding.UTF8.GetBytes(string.Join("\n\n", paragraphs))),
        ("md", static paragraphs => Encoding.UTF8.GetBytes(string.Concat(paragraphs.Select(static (text, at) => at % 8 == 0 ? $"## Part {at / 8}\n\n{text}\n\n" : $"{text}\n\n")))),
        ("html", static paragraphs => Encoding.UTF8.GetBytes($"<!doctype html><html><body>{string.Concat(paragraphs.Select(static text => $"<p>{text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)}</p>\n"))}</body></html>")),
        ("docx", static paragraphs => DocumentFiles.Word(string.Concat(paragraphs.Select(static text => DocumentFiles.Paragraph(text))))),
        ("pdf", static paragraphs => DocumentFiles.Pdf([.. paragraphs.SelectMany(Lines).Chunk(45).Select(static lines => string.Join('\n', lines))])),
    ];

    public static async Task RunAsync()
    {
        var paragraphs = await ReadParagraphsAsync();
        using var server = BenchServer.Start(BenchServer.Binary);
        await server.UntilFirstOkAsync("/readyz");
        using var http = new HttpClient { BaseAddress = server.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await BenchServer.RegisterAsync(http));
        var figures = Formats.ToDictionary(static format => format.Ending,
            static format => (Documents: new Figures($"{format.Ending}: documents", "/s"), Bytes: new Figures($"{format.Ending}: file", "MB/s"), Passages: new Figures($"{format.Ending}: passages", "/s")));
        for (var round = 0; round < Rounds + 1; round++)
        {
            foreach (var (ending, make) in Formats)
            {
                var files = Enumerable.Range(0, DocumentsARound).Select(_ => make(Shuffle(paragraphs))).ToList();
                var watch = Stopwatch.StartNew();
                var passages = await IndexAsync(http, files, ending);
                var seconds = watch.Elapsed.TotalSeconds;
                if (round == 0)
                    continue; // warm-up
                figures[ending].Documents.Add(files.Count / seconds);
                figures[ending].Bytes.Add(files.Sum(static file => file.Length) / 1e6 / seconds);
                figures[ending].Passages.Add(passages / seconds);
            }
        }

        foreach (var (documents, bytes, passages) in figures.Values)
        {
            documents.Print();
            bytes.Print();
            passages.Print();
        }
    }

    /// <returns>How many passages the files became.</returns>
    private static async Task<int> IndexAsync(HttpClient http, List<byte[]> files, string ending)
    {
        var ids = new System.Collections.Concurrent.ConcurrentBag<string>();
        await Parallel.ForEachAsync(files, new ParallelOptions { MaxDegreeOfParallelism = Uploaders }, async (file, cancellation) =>
        {
            using var part = new ByteArrayContent(file);
            using var form = new MultipartFormDataContent { { part, "file", $"bench.{ending}" } };
            using var response = await http.PostAsync(new Uri("/api/documents", UriKind.Relative), form, cancellation);
            using var document = await ReadAsync(response, cancellation);
            ids.Add(document.RootElement.GetProperty("id").GetString()!);
        });
        var passages = 0;
        foreach (var id in ids)
        {
            while (true)
            {
                using var response = await http.GetAsync(new Uri($"/api/documents/{id}", UriKind.Relative));
                using var document = await ReadAsync(response, CancellationToken.None);
                var status = document.RootElement.GetProperty("status").GetString();
                if (status == "failed")
                    throw new InvalidOperationException(document.RootElement.GetProperty("reason").GetString());
                if (status == "ready")
                {
                    passages += document.RootElement.GetProperty("chunks_total").GetInt32();
                    break;
                }

                await Task.Delay(2);
            }
        }

        return passages;
    }

    private static async Task<JsonDocument> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var text = await response.Content.ReadAsStringAsync(cancellation);
        return response.IsSuccessStatusCode ? JsonDocument.Parse(text) : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{(int)response.StatusCode} {text}"));
    }

    /// <summary>Those of the knowledge base that are prose.</summary>
    private static async Task<List<string>> ReadParagraphsAsync()
    {
        var paragraphs = new List<string>();
        foreach (var page in Directory.EnumerateFiles("kb", "*.md", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            paragraphs.AddRange((await File.ReadAllTextAsync(page)).Split("\n\n").Select(static text => text.Replace('\n', ' ').Trim()).Where(static text => text.Length > 80 && char.IsLetter(text[0])));
        return paragraphs;
    }

    private static List<string> Shuffle(List<string> paragraphs)
    {
        var (chosen, length) = (new List<string>(), 0);
        while (length < CharactersADocument)
        {
            chosen.Add(paragraphs[Random.Next(paragraphs.Count)]);
            length += chosen[^1].Length;
        }

        return chosen;
    }

    /// <summary>As a page has them, without what would end a string of a PDF.</summary>
    private static IEnumerable<string> Lines(string text)
    {
        var line = new StringBuilder();
        foreach (var word in text.Split(' '))
        {
            if (line.Length + word.Length > 85)
            {
                yield return line.ToString();
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(string.Concat(word.Where(static letter => letter is > ' ' and < '\x7f' and not ('(' or ')' or '\\'))));
        }

        yield return line.ToString();
    }
}
