using System.Diagnostics;

namespace Commerce.Tests.Chaos;

/// <summary>
/// A program with a fixed port that a test can kill without warning and restart. The program stops with this process,
/// even after a crash, because a shell waits for the end of a pipe that only this process has open.
/// </summary>
internal sealed class ChaosProgram(string program, string log, Uri address, string ready, params string[] arguments)
    : IAsyncDisposable
{
    private const string Script = """
        log=$1
        shift
        exec 3<&0
        dotnet exec "$@" >> "$log" 2>&1 < /dev/null 3<&- &
        program=$!
        (cat <&3 > /dev/null; kill -KILL $program 2> /dev/null) &
        exec 3<&-
        wait $program
        """;

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);

    private Process? _process;

    public Uri Address { get; } = address;

    /// <summary>Gets the secret with which both programs sign their messages.</summary>
    public static string Secret { get; } = "a secret of the test's";

    /// <summary>Starts the program, and returns when the program answers requests.</summary>
    public async Task Start()
    {
        var start = new ProcessStartInfo(
            "sh",
            ["-c", Script, "sh", log, Path.Combine(AppContext.BaseDirectory, program), .. arguments])
        {
            RedirectStandardInput = true,
            Environment = { ["CARD_PAYMENTS_SECRET"] = Secret },
        };
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        await Eventually.Get(() => Answers(http), answers => answers, WaitTimeout);
    }

    /// <summary>Returns whether the program reports that it is ready.</summary>
    public async Task<bool> IsReady()
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using var answer = await http.GetAsync(new Uri(Address, ready));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    /// <summary>Kills the program as <c>kill -9</c> does.</summary>
    public async Task Kill()
    {
        if (_process is not { } process)
            return;
        _process = null;
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(WaitTimeout);
        process.Dispose();
    }

    public async ValueTask DisposeAsync() => await Kill();

    private async Task<bool> Answers(HttpClient http)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(Address, ready));
            return true;
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
        {
            return _process is { HasExited: true }
                ? throw new InvalidOperationException(
                    $"{program} has exited: {await File.ReadAllTextAsync(log)}", failure)
                : false;
        }
    }
}
