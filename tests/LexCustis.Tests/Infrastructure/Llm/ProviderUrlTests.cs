using LexCustis.Infrastructure.Llm;

namespace LexCustis.Tests.Infrastructure.Llm;

public sealed class ProviderUrlTests
{
    [Theory]
    [InlineData("https://api.mistral.ai", "https://api.mistral.ai/v1/chat/completions")]
    [InlineData("https://api.mistral.ai/", "https://api.mistral.ai/v1/chat/completions")]
    [InlineData("https://api.mistral.ai/v1", "https://api.mistral.ai/v1/chat/completions")]
    [InlineData(" https://api.mistral.ai/v1/ ", "https://api.mistral.ai/v1/chat/completions")]
    [InlineData("https://api.mistral.ai/v1/chat/completions", "https://api.mistral.ai/v1/chat/completions")]
    [InlineData("http://127.0.0.1:11434", "http://127.0.0.1:11434/v1/chat/completions")]
    [InlineData("http://[::1]:8000/v1", "http://[::1]:8000/v1/chat/completions")]
    [InlineData("https://gateway.example/v1beta/openai/", "https://gateway.example/v1beta/openai/chat/completions")]
    public void Finds_the_endpoint(string baseUrl, string expected)
    {
        Assert.True(ProviderUrl.TryParse(baseUrl, out var endpoint, out _));
        Assert.Equal(expected, endpoint.AbsoluteUri);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("api.mistral.ai")]
    [InlineData("/v1")]
    [InlineData("ftp://host")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://host")]
    [InlineData("http://")]
    [InlineData("https://user@host")]
    [InlineData("https://user:password@host")]
    [InlineData("https://host/v1?key=secret")]
    [InlineData("https://host/v1#fragment")]
    public void Refuses_what_is_no_base_url(string? baseUrl)
    {
        Assert.False(ProviderUrl.TryParse(baseUrl, out _, out var problem));
        Assert.StartsWith("must ", problem, StringComparison.Ordinal);
    }
}
