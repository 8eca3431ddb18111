using System.Diagnostics;
using System.Globalization;

namespace Millrace.Sqlite.Tests;

/// <summary>A second program that uses the same database file.</summary>
internal sealed class Peer : IDisposable
{
    private static readonly TimeSpan MaxTime = TimeSpan.FromMinutes(2);

    private readonly Process _process;

    private Peer(Process process) => _process = process;

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts the program and returns when it has opened the store.</summary>
    public static async Task<Peer> Start(params string[] arguments) => await StartUnder([], arguments);

    /// <summary>Starts the program under another program, such as <c>strace</c>.</summary>
    public static async Task<Peer> StartUnder(string[] wrapper, params string[] arguments)
    {
        string[] command =
        [
            .. wrapper,
            "dotnet",
            Path.Combine(AppContext.BaseDirectory, "Millrace.Sqlite.Peer.dll"),
            .. arguments,
        ];
        return await Start(new ProcessStartInfo(command[0], command[1..]));
    }

    /// <summary>Starts the program with a library of the system instead of the library in the package.</summary>
    public static async Task<Peer> StartWithLibrary(string library, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "Millrace.Sqlite.Peer.dll"), .. arguments]);
        start.Environment["MILLRACE_PEER_LIBRARY"] = library;
        return await Start(start);
    }

    private static async Task<Peer> Start(ProcessStartInfo start)
    {
        (start.RedirectStandardInput, start.RedirectStandardOutput) = (true, true);
        var peer = new Peer(Process.Start(start)!); // Without a shell, Start never returns null.
        Assert.Equal("READY", await peer.ReadLine());
        return peer;
    }

    /// <summary>Gets the process id, for signals.</summary>
    public int Id => _process.Id;

    /// <summary>Kills the process without any cleanup.</summary>
    public async Task Kill()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>Writes a line to the input of the program.</summary>
    public async Task Send(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Returns the next line of output, or null if the program has ended.</summary>
    public async Task<string?> ReadLine()
    {
        using var limit = new CancellationTokenSource(MaxTime);
        return await _process.StandardOutput.ReadLineAsync(limit.Token);
    }

    /// <summary>Returns all remaining lines of output until the program ends.</summary>
    public async Task<List<string>> ReadToEnd()
    {
        var lines = new List<string>();
        while (await ReadLine() is { } line)
            lines.Add(line);
        return lines;
    }

    public static IEnumerable<(string Stream, long Version, long Position, Guid Id)> Acknowledged(
        IEnumerable<string> lines) =>
        from line in lines
        where line.StartsWith("ACK ", StringComparison.Ordinal)
        let parts = line.Split(' ')
        select (parts[1], Number(parts[2]), Number(parts[3]), Guid.Parse(parts[4]));

    public static IEnumerable<string> Problems(IEnumerable<string> lines) =>
        from line in lines where line.StartsWith("ERR ", StringComparison.Ordinal) select line.Split(' ')[1];

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
