using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Servers;

/// <summary>
/// A program that stops with this process, even after a crash. A shell waits for the end of a pipe that only this
/// process keeps open, and then stops the program immediately.
/// </summary>
internal sealed class WatchedProgram : IAsyncDisposable
{
    /// <summary>The user of the program if this process runs as root, because servers refuse to run as root.</summary>
    public const string User = "postgres";

    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromMinutes(3);

    private const string Script = """
        trap '' INT TERM HUP
        log=$1
        shift
        "$@" >> "$log" 2>&1 < /dev/null &
        program=$!
        cat > /dev/null
        kill -QUIT $program 2> /dev/null
        kill -TERM $program 2> /dev/null
        wait $program 2> /dev/null # Suppresses the message about the end of the program.
        """;

    private readonly Process _shell;
    private bool _isDisposed;

    private WatchedProgram(Process shell) => _shell = shell;

    public bool HasExited => _shell.HasExited;

    public static WatchedProgram Start(string log, string directory, params string[] program) =>
        StartAs(AsUser(), log, directory, program);

    /// <summary>Starts a program as the user of this process, also as root.</summary>
    public static WatchedProgram StartAsThisUser(string log, string directory, params string[] program) =>
        StartAs([], log, directory, program);

    private static WatchedProgram StartAs(string[] user, string log, string directory, string[] program)
    {
        string[] command = [.. user, "sh", "-c", Script, "sh", log, .. program];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            WorkingDirectory = directory,
        };
        return new WatchedProgram(
            Process.Start(start)
                ?? throw new InvalidOperationException("The shell that watches the program did not start."));
    }

    /// <summary>Waits until the program accepts connections, for three minutes at most.</summary>
    public async Task WaitUntilListens(int port, string log)
    {
        var started = Stopwatch.GetTimestamp();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await pause.WaitForNextTickAsync())
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException failure)
            {
                if (Stopwatch.GetElapsedTime(started) > ReadyTimeout || HasExited)
                    throw new InvalidOperationException(
                        $"The program did not become ready: {await File.ReadAllTextAsync(log)}", failure);
            }
        }
    }

    public static string[] AsUser() => Environment.IsPrivilegedProcess
        ? ["setpriv", "--reuid", User, "--regid", User, "--clear-groups", "--"]
        : [];

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync();
        _shell.Dispose();
    }
}
