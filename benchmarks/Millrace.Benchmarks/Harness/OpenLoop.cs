using System.Diagnostics;

namespace Millrace.Benchmarks.Harness;

/// <summary>
/// Work that comes at its times, whether what is measured keeps up or not. Each piece is measured from the moment it
/// was due, so that waiting for others is counted in.
/// </summary>
internal static class OpenLoop
{
    private const int PerTick = 4;

    /// <summary>Does all of it, and returns how long each took.</summary>
    /// <param name="perSecond">How many pieces come in a second.</param>
    /// <param name="count">How many pieces there are.</param>
    /// <param name="act">Does the n-th.</param>
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
            for (var j = 0; j < PerTick && i < count; j++, i++)
                tasks[i] = Measure(act, i, due);
        }
        var latencies = new Latencies(count);
        foreach (var one in await Task.WhenAll(tasks))
            latencies.Add(one);
        return ((long)count, (Latencies?)latencies);
    });

    private static async Task<long> Measure(Func<int, Task> act, int number, long due)
    {
        await act(number);
        return Stopwatch.GetTimestamp() - due;
    }
}
