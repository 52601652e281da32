using System.Text;
using LexCustis.Infrastructure.Llm;

namespace LexCustis.Tests.Infrastructure.Llm;

public sealed class ChatChunkReaderTests
{
    private readonly UpstreamReport _report = new();

    [Theory]
    [InlineData("""{"choices":[{"index":0,"delta":{"role":"assistant","content":"Hi"},"finish_reason":null,"logprobs":null}],"usage":null}""", "Hi")]
    [InlineData("""{"choices":[{"delta":{"role":"assistant","content":""}}]}""", null)]
    [InlineData("""{"choices":[{"delta":{"content":null,"reasoning":"hm"}}]}""", null)]
    [InlineData("""{"choices":[{"delta":{"content":"a"}},{"delta":{"content":"b"}}]}""", "a")]
    [InlineData("""{"choices":[],"prompt_filter_results":[{"x":[1,{"y":2}]}]}""", null)]
    [InlineData("""{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"4"},{"type":"text","text":"2"}]}}]}""", "42")]
    [InlineData("""{"choices":[{"message":{"content":"whole"},"finish_reason":"stop"}]}""", "whole")]
    [InlineData("""{"error":null,"choices":[{"delta":{"content":"\u00e9\ud834\udd1e"}}]}""", "é𝄞")]
    public void Reads_the_text(string json, string? text) => Assert.Equal(text, Read(json));

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("{}")]
    [InlineData("""{"foo":1}""")]
    [InlineData("""{"error":null}""")]
    [InlineData("""{"choices":{}}""")]
    [InlineData("""{"choices":["a"]}""")]
    [InlineData("""{"choices":[{"delta":"a"}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":1}}]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"a"}}]""")]
    [InlineData("""{"choices":[]} {"choices":[]}""")]
    [InlineData("""{"choices":[{"delta":{"content":"\ud834"}}]}""")]
    public void Refuses_what_is_not_a_chunk(string json)
    {
        var e = Assert.Throws<InvalidDataException>(() => Read(json));
        Assert.StartsWith("a frame ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_text_that_is_not_utf8()
    {
        byte[] json = [.. """{"choices":[{"delta":{"content":" """u8, 0xC3, .. "\"}}]}"u8];
        Assert.Throws<InvalidDataException>(() => new ChatChunkReader(_report).Read(json));
    }

    [Fact]
    public void Refuses_nesting_without_end() =>
        Assert.Throws<InvalidDataException>(() => Read("{\"x\":" + new string('[', 100_000)));

    [Fact]
    public void Fills_the_report()
    {
        var reader = new ChatChunkReader(_report);
        Read("""{"model":"m","choices":[{"delta":{"content":"a"},"logprobs":{"content":[{"logprob":-1,"top_logprobs":[{"logprob":-9}]},{"logprob":null}]}}]}""", reader);
        Assert.False(reader.Finished);
        Read("""{"model":"m","choices":[{"delta":{"content":"b"},"logprobs":{"content":[{"logprob":-2}]},"finish_reason":"length"}]}""", reader);
        Read("""{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":0}}}""", reader);

        Assert.True(reader.Finished);
        Assert.Equal("m", _report.Model);
        Assert.Equal("length", _report.FinishReason);
        Assert.Equal((5, 2), (_report.PromptTokens, _report.CompletionTokens));
        Assert.Equal(-1.5, _report.MeanLogProbability);
    }

    [Theory]
    [InlineData("""{"error":{"message":"Full.","type":"t","param":null,"code":"overloaded"}}""", "Full.", "overloaded", null)]
    [InlineData("""{"error":{"message":{"detail":[]},"code":429}}""", null, null, 429)]
    [InlineData("""{"error":"Full."}""", "Full.", null, null)]
    public void Reads_an_error(string json, string? message, string? code, int? status)
    {
        var reader = new ChatChunkReader(_report);
        Assert.Null(Read(json, reader));
        Assert.Equal(new UpstreamError(message, code, status), reader.Error);
    }

    [Fact]
    public void Allocates_nothing_but_the_text()
    {
        var json = """{"id":"x","model":"m","choices":[{"index":0,"delta":{"content":"token"},"logprobs":{"content":[{"logprob":-1}]}}],"usage":null}"""u8.ToArray();
        var reader = new ChatChunkReader(_report);
        for (var i = 0; i < 100; i++)
            reader.Read(json);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            reader.Read(json);
        var perChunk = (GC.GetAllocatedBytesForCurrentThread() - before) / 1000;
        Assert.InRange(perChunk, 32, 40);
    }

    private string? Read(string json, ChatChunkReader? reader = null) => (reader ?? new ChatChunkReader(_report)).Read(Encoding.UTF8.GetBytes(json));
}
