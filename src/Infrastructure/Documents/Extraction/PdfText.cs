using System.Diagnostics;
using System.Text;

namespace LexCustis.Infrastructure.Documents.Extraction;

/// <summary>
/// The words of a PDF, by poppler's <c>pdftotext</c> in a process of its own: PDF is a large format, and its readers are written in C++. The process
/// has no network, no files but its own libraries, bounds on memory and time, and ends with this one (docs/documents.md says what that leaves open).
/// </summary>
internal sealed partial class PdfText(DocumentSettings settings, ILogger<PdfText> logger)
{
    /// <summary>Address space, which is more than what is resident.</summary>
    private const long MemoryBytes = 512L << 20;

    /// <summary>What it complains of is looked at for a word or two.</summary>
    private const int ComplaintLength = 16 * 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly Lazy<Task<bool>> sandboxed = new(() => ProbeSandboxAsync(logger));

    /// <exception cref="UnreadableDocumentException">It cannot be read, or not within the limits.</exception>
    public async Task<ExtractedText> ReadAsync(byte[] file, CancellationToken cancellationToken)
    {
        if (FindProgram("pdftotext") is not { } reader)
            throw new UnreadableDocumentException(Unreadable.ReaderMissing("pdftotext", "poppler-utils"));
        if (FindProgram("prlimit") is not { } limiter)
            throw new UnreadableDocumentException(Unreadable.ReaderMissing("prlimit", "util-linux"));

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(settings.PdfTimeout);
        using var process = Start(limiter, [.. await SandboxAsync(reader), reader, "-enc", "UTF-8", "-l", $"{settings.MaxPages + 1}", "-", "-"]);
        try
        {
            var feeding = FeedAsync(process, file, timeout.Token);
            var complaining = ReadComplaintAsync(process.StandardError, timeout.Token);
            var text = await ReadPagesAsync(process.StandardOutput, timeout.Token);
            await Task.WhenAll(feeding, process.WaitForExitAsync(timeout.Token));
            return process.ExitCode == 0 ? text : throw new UnreadableDocumentException(Explain(process.ExitCode, await complaining));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new UnreadableDocumentException(Unreadable.Timeout(settings.PdfTimeout));
        }
        finally
        {
            End(process);
        }
    }

    /// <summary>Pages end with a form feed; one more than allowed was asked for, so that too many are seen.</summary>
    private async Task<ExtractedText> ReadPagesAsync(StreamReader output, CancellationToken cancellationToken)
    {
        var builder = new TextBuilder(settings.MaxCharacters);
        var page = new StringBuilder();
        var buffer = new char[16 * 1024];
        var pages = 0;
        for (int read; (read = await output.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            var rest = buffer.AsMemory(0, read);
            while (rest.Span.IndexOf('\f') is >= 0 and var end)
            {
                page.Append(rest.Span[..end]);
                if (++pages > settings.MaxPages)
                    throw new UnreadableDocumentException(Unreadable.TooManyPages(settings.MaxPages));
                builder.BeginPage();
                builder.AppendBlock(page.ToString());
                page.Clear();
                rest = rest[(end + 1)..];
            }

            page.Append(rest);
            if (page.Length > settings.MaxCharacters)
                throw new UnreadableDocumentException(Unreadable.TooMuchText(settings.MaxCharacters));
        }

        return builder.Build();
    }

    private static async Task FeedAsync(Process process, byte[] file, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(file, cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it had read all: its exit code says why.
        }
    }

    /// <summary>Reads everything, so that it never waits for us, and keeps the beginning.</summary>
    private static async Task<string> ReadComplaintAsync(StreamReader error, CancellationToken cancellationToken)
    {
        var complaint = new StringBuilder();
        var buffer = new char[4096];
        for (int read; (read = await error.ReadAsync(buffer, cancellationToken)) > 0;)
            complaint.Append(buffer, 0, Math.Min(read, ComplaintLength - complaint.Length));
        return complaint.ToString();
    }

    /// <summary>Exit codes by pdftotext(1): 1 cannot open, 3 not permitted; from 128 on, a signal ended it.</summary>
    private Unreadable Explain(int exitCode, string complaint) => exitCode switch
    {
        _ when complaint.Contains("Incorrect password", StringComparison.Ordinal) => Unreadable.Encrypted,
        1 or 3 when complaint.Contains("encrypt", StringComparison.OrdinalIgnoreCase) || exitCode == 3 => Unreadable.Encrypted,
        1 => Unreadable.Damaged(DocumentFormat.Pdf, "it is incomplete or malformed"),
        // SIGKILL or SIGXCPU: the bound on processor time.
        137 or 152 => Unreadable.Timeout(settings.PdfTimeout),
        _ => Unreadable.TooComplex("Reading it needed more memory than allowed, or its structure broke the reader."),
    };

    private static void End(Process process)
    {
        try
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It ended in this very moment.
        }
    }

    private async Task<string[]> SandboxAsync(string reader) => await sandboxed.Value ? SandboxArguments(reader) : [];

    /// <summary>Nothing of the machine but the reader and what it is linked with, read-only; namespaces of its own, so no network and no other processes.</summary>
    internal static string[] SandboxArguments(string reader) =>
    [
        FindProgram("bwrap")!, "--unshare-all", "--unshare-user", "--uid", "65534", "--gid", "65534", "--cap-drop", "ALL", "--die-with-parent", "--new-session", "--clearenv",
        "--setenv", "LC_ALL", "C.UTF-8", "--ro-bind", "/usr/lib", "/usr/lib", "--ro-bind-try", "/usr/lib64", "/usr/lib64", "--ro-bind-try", "/lib", "/lib",
        "--ro-bind-try", "/lib64", "/lib64", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache", "--ro-bind-try", "/usr/share/poppler", "/usr/share/poppler",
        "--ro-bind", reader, reader, "--remount-ro", "/", "--chdir", "/", "--",
    ];

    /// <summary>Whether a sandbox can be made here: bubblewrap is there, and the kernel lets this user have namespaces.</summary>
    private static async Task<bool> ProbeSandboxAsync(ILogger logger)
    {
        if (FindProgram("bwrap") is null || FindProgram("pdftotext") is not { } reader)
        {
            LogNoSandbox(logger, "bubblewrap is not installed");
            return false;
        }

        var arguments = SandboxArguments(reader);
        using var process = Process.Start(Describe(arguments[0], [.. arguments.Skip(1), reader, "-v"]))!;
        process.StandardInput.Close();
        await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync(), process.WaitForExitAsync());
        if (process.ExitCode == 0)
            return true;
        LogNoSandbox(logger, "this system does not let its user make namespaces");
        return false;
    }

    /// <param name="command">The program and its arguments.</param>
    private Process Start(string limiter, string[] command) => Process.Start(Describe(limiter,
        [$"--as={MemoryBytes}", $"--cpu={Math.Ceiling(settings.PdfTimeout.TotalSeconds)}", "--core=0", "--fsize=0", "--nofile=64", "--", .. command]))!;

    private static ProcessStartInfo Describe(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Utf8,
            WorkingDirectory = "/",
        };
        // Nothing of this process's environment, where its secrets are.
        start.Environment.Clear();
        start.Environment["LC_ALL"] = "C.UTF-8";
        return start;
    }

    private static string? FindProgram(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Where(static folder => folder.StartsWith('/'))
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);

    [LoggerMessage(1501, LogLevel.Warning, "PDF files are read without a sandbox: {Reason}. Limits on time and memory hold; docs/documents.md says what is missing")]
    private static partial void LogNoSandbox(ILogger logger, string reason);
}
