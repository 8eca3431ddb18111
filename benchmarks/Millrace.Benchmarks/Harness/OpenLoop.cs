using System.Diagnostics;

namespace Millrace.Benchmarks.Harness;

/// <summary>
/// A load that starts operations on a fixed schedule, even when the measured code is slower. Each duration starts at
/// the scheduled time, so it includes the waiting time.
/// </summary>
internal static class OpenLoop
{
    private const int OperationsPerDelay = 4;

    /// <summary>Runs all operations and returns their durations.</summary>
    /// <param name="perSecond">The number of operations per second.</param>
    /// <param name="count">The number of operations.</param>
    /// <param name="act">Runs the n-th operation.</param>
    public static Task<Round> Run(int perSecond, int count, Func<int, Task> act) => Round.Measure(async () =>
    {
        var tasks = new Task<long>[count];
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < count;)
        {
            var due = started + (long)(i * (Stopwatch.Frequency / (double)perSecond));
            var wait = due - Stopwatch.GetTimestamp();
            if (wait > 0)
                await Task.Delay(TimeSpan.FromTicks(wait * TimeSpan.TicksPerSecond / Stopwatch.Frequency));
            for (var j = 0; j < OperationsPerDelay && i < count; j++, i++)
                tasks[i] = Measure(act, i, due);
        }
        var latencies = new Latencies(count);
        foreach (var ticks in await Task.WhenAll(tasks))
            latencies.Add(ticks);
        return ((long)count, (Latencies?)latencies);
    });

    private static async Task<long> Measure(Func<int, Task> act, int number, long due)
    {
        await act(number);
        return Stopwatch.GetTimestamp() - due;
    }
}
