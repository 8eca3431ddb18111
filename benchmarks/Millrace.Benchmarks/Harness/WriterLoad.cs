using System.Diagnostics;

namespace Millrace.Benchmarks.Harness;

/// <summary>A load of writers that append sequentially at full speed (a closed loop).</summary>
internal static class WriterLoad
{
    /// <summary>Runs the writers until each has completed its appends.</summary>
    /// <param name="writers">The number of concurrent writers.</param>
    /// <param name="appends">The number of appends per writer.</param>
    /// <param name="eventsPerAppend">The number of events per append.</param>
    /// <param name="append">Runs the n-th append of a writer.</param>
    public static Task<Round> Run(int writers, int appends, int eventsPerAppend, Func<int, int, ValueTask> append) =>
        Round.Measure(async () =>
    {
        var all = new Latencies[writers];
        var tasks = new Task[writers];
        for (var i = 0; i < writers; i++)
        {
            var writer = i;
            var latencies = all[writer] = new Latencies(appends);
            tasks[writer] = Task.Run(() => RunWriter(writer, appends, latencies, append));
        }
        await Task.WhenAll(tasks);
        var merged = new Latencies(writers * appends);
        foreach (var latencies in all)
            merged.AddAll(latencies);
        return ((long)writers * appends * eventsPerAppend, (Latencies?)merged);
    });

    /// <summary>Runs the writers without measurement for a time, and then measures them for another time.</summary>
    /// <param name="writers">The number of concurrent writers.</param>
    /// <param name="before">The duration before the measurement.</param>
    /// <param name="measured">The duration of the measurement.</param>
    /// <param name="eventsPerAppend">The number of events per append.</param>
    /// <param name="append">Runs the n-th append of a writer.</param>
    public static async Task<Round> RunFor(
        int writers, TimeSpan before, TimeSpan measured, int eventsPerAppend, Func<int, int, ValueTask> append)
    {
        using var end = new CancellationTokenSource();
        var done = 0L;
        var tasks = Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; !end.IsCancellationRequested; i++)
            {
                await append(writer, i);
                Interlocked.Add(ref done, eventsPerAppend);
            }
        })).ToArray();
        await Task.Delay(before);
        var round = await Round.Measure(async () =>
        {
            var start = Interlocked.Read(ref done);
            await Task.Delay(measured);
            return (Interlocked.Read(ref done) - start, (Latencies?)null);
        });
        await end.CancelAsync();
        await Task.WhenAll(tasks);
        return round;
    }

    private static async Task RunWriter(int writer, int appends, Latencies latencies, Func<int, int, ValueTask> append)
    {
        for (var i = 0; i < appends; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await append(writer, i);
            latencies.Add(Stopwatch.GetTimestamp() - started);
        }
    }
}
