using System.Net;
using System.Text.Json;

namespace LexCustis.Tests.Harness;

/// <summary>What tests ask about a turn that is over.</summary>
internal static class Turns
{
    /// <summary>The turn's entry in the log, with what was said.</summary>
    public static async Task<JsonElement> ReadEntryAsync(this Api reader, ChatAnswer turn)
    {
        var entry = await reader.GetAsync($"/api/audit/{turn.Frame("audit").GetProperty("id").GetString()}");
        Assert.Equal(HttpStatusCode.OK, entry.Status);
        return entry.Json;
    }

    /// <summary>The entries of that type, once there are so many: a turn whose client left is recorded a moment later.</summary>
    public static async Task<List<JsonElement>> WaitForEntriesAsync(this Api reader, string type, int count)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var entries = await reader.ReadLogAsync($"&event_type={type}");
            if (entries.Count >= count || TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(20))
            {
                Assert.Equal(count, entries.Count);
                return entries;
            }

            await Task.Delay(20);
        }
    }

    /// <summary>The only turn of the log, with what was said.</summary>
    public static async Task<JsonElement> WaitForTurnAsync(this Api reader)
    {
        var entry = Assert.Single(await reader.WaitForEntriesAsync("chat.completed", 1));
        return (await reader.GetAsync($"/api/audit/{entry.GetProperty("id").GetString()}")).Json;
    }

    public static string Outcome(this JsonElement entry) => entry.GetProperty("data").GetProperty("outcome").GetString()!;

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    /// <summary>The names of an object's members, in order.</summary>
    public static IEnumerable<string> Names(this JsonElement element) => element.EnumerateObject().Select(static member => member.Name);
}
