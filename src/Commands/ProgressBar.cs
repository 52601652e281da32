using System.Globalization;
using LexCustis.Infrastructure.Audit;

namespace LexCustis.Commands;

/// <summary>A line on a terminal that says how far a verification is, and is gone when it ends. On standard error: output stays for the result.</summary>
internal sealed class ProgressBar : IProgress<VerificationProgress>, IDisposable
{
    private const int Width = 40;

    private readonly Lock gate = new();
    private int drawn = -1;

    private ProgressBar()
    {
    }

    /// <returns>Null where standard error is a file or a pipe.</returns>
    public static ProgressBar? OnTerminal() => Console.IsErrorRedirected ? null : new ProgressBar();

    public void Report(VerificationProgress progress)
    {
        var percent = progress.Total == 0 ? 100 : (int)Math.Min(100, progress.Rows * 100 / progress.Total);
        lock (gate)
        {
            if (percent == drawn)
                return;
            drawn = percent;
            var done = Width * percent / 100;
            Console.Error.Write(string.Create(CultureInfo.InvariantCulture,
                $"\r[{new string('#', done)}{new string('.', Width - done)}] {percent,3} %  {progress.Rows:N0} of {progress.Total:N0} entries"));
        }
    }

    public void Dispose()
    {
        if (drawn >= 0)
            Console.Error.Write("\r\u001b[K");
    }
}
