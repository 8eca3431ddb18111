using System.Diagnostics;

namespace Millrace.Faults.Tests;

/// <summary>Runs a node that reports its steps, and kills it after one of them.</summary>
internal static class KilledStep
{
    public static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(4);

    /// <summary>Creates a database, and returns its address for a node.</summary>
    public static async Task<string> AddressOf(PostgreSqlServer server) =>
        $"postgres://owner@127.0.0.1:{server.Port}/{await server.CreateDatabase()}";

    /// <summary>
    /// Returns a part of the steps, or all in a long run. Two storages with different first steps test more of them.
    /// </summary>
    public static IEnumerable<T> Sample<T>(IEnumerable<T> steps, int first, int every) =>
        steps.Where((_, number) => TestRun.IsLong || number % every == first);

    /// <summary>Runs a node, and kills it when it has written a line.</summary>
    /// <param name="store">The store.</param>
    /// <param name="lastLine">The line.</param>
    /// <param name="variables">The environment variables of the node.</param>
    public static Task Run(string store, string lastLine, params (string Name, string Value)[] variables) =>
        Run(store, lastLine, static () => Task.CompletedTask, variables);

    /// <summary>Runs a node, and kills it when it has written a line and an action has ended.</summary>
    /// <inheritdoc cref="Run(string, string, ValueTuple{string, string}[])"/>
    public static async Task Run(
        string store, string lastLine, Func<Task> beforeKill, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "exec", Path.Combine(AppContext.BaseDirectory, "Millrace.Faults.Node.dll"), store, "1", "1",
            },
        };
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        using var process = Process.Start(start) ?? throw new InvalidOperationException("The node did not start.");
        var errors = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(WaitTimeout);
        string? line;
        do
            line = await process.StandardOutput.ReadLineAsync(limit.Token);
        while (line is not null && line != lastLine);
        if (line is not null)
            await beforeKill();
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(line is not null, $"The node ended before the line '{lastLine}': {await errors}");
    }
}
