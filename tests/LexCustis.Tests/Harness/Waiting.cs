namespace LexCustis.Tests.Harness;

/// <summary>For what the server does on its own time: asks until it is so, 20 s at most.</summary>
internal static class Waiting
{
    public static async Task<T> ForAsync<T>(Func<Task<T?>> ask, string what)
        where T : class
    {
        var start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(20))
        {
            if (await ask() is { } found)
                return found;
            await Task.Delay(20);
        }

        throw new TimeoutException($"{what} did not come in 20 s.");
    }
}
