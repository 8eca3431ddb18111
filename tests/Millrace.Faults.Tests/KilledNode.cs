using System.Diagnostics;
using System.Globalization;

namespace Millrace.Faults.Tests;

/// <summary>Runs a node in a separate program, and kills the node without warning while it writes.</summary>
internal static class KilledNode
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);

    /// <summary>
    /// Runs the node, kills it some time after its first acknowledgement, and returns all acknowledged appends.
    /// </summary>
    /// <param name="file">The store.</param>
    /// <param name="writers">The number of concurrent writers.</param>
    /// <param name="seed">The seed of the events of the node.</param>
    /// <param name="life">The time from the first acknowledgement to the kill.</param>
    /// <param name="handled">The file of handled events, or null for a node whose consumers do not fail.</param>
    public static Task<IReadOnlyList<Acknowledgement>> RunAndKill(
        string file, int writers, int seed, TimeSpan life, string? handled = null) =>
        RunAndKill(file, writers, seed, () => Task.Delay(life), handled, place: null);

    /// <summary>Runs a node that backs up its store, and kills the node when a task is complete.</summary>
    public static Task<IReadOnlyList<Acknowledgement>> RunAndKill(
        string file, int writers, int seed, string place, Func<Task> until) =>
        RunAndKill(file, writers, seed, until, handled: null, place);

    private static async Task<IReadOnlyList<Acknowledgement>> RunAndKill(
        string file, int writers, int seed, Func<Task> until, string? handled, string? place)
    {
        using var process = Start(file, writers, seed, handled, place);
        var errors = process.StandardError.ReadToEndAsync();
        var acknowledged = new List<Acknowledgement>();
        using var limit = new CancellationTokenSource(StartLimit);
        var kill = Task.CompletedTask;
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (Acknowledgement.Read(line) is not { } acknowledgement)
                continue;
            acknowledged.Add(acknowledgement);
            if (acknowledged.Count == 1)
                kill = KillAfter(process, until);
        }
        await kill;
        await process.WaitForExitAsync(limit.Token);
        Assert.True(acknowledged.Count > 0, $"The node acknowledged nothing before it ended: {await errors}");
        return acknowledged;
    }

    private static async Task KillAfter(Process process, Func<Task> until)
    {
        try
        {
            await until();
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private static Process Start(string file, int writers, int seed, string? handled, string? place)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Millrace.Faults.Node.dll");
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "exec",
                program,
                file,
                writers.ToString(CultureInfo.InvariantCulture),
                seed.ToString(CultureInfo.InvariantCulture),
            },
        };
        if (handled is not null)
            start.ArgumentList.Add(handled);
        if (place is not null)
            start.Environment["MILLRACE_FAULTS_BACKUP"] = place;
        return Process.Start(start) ?? throw new InvalidOperationException("The node did not start.");
    }
}
