using System.Diagnostics;
using System.Globalization;

namespace Millrace.Benchmarks.Harness;

/// <summary>One measured round of one side.</summary>
/// <param name="Operations">How many operations were done.</param>
/// <param name="Elapsed">How long all of them took together.</param>
/// <param name="Cpu">How much processor time the whole process used meanwhile.</param>
/// <param name="GcPause">How long the garbage collector stopped everything meanwhile.</param>
/// <param name="AllocatedBytes">How many bytes of managed memory were allocated meanwhile, by everybody.</param>
/// <param name="Latencies">How long each took; null where only the whole is of interest.</param>
internal sealed record Round(
    long Operations, TimeSpan Elapsed, TimeSpan Cpu, TimeSpan GcPause, long AllocatedBytes, Latencies? Latencies)
{
    public double PerSecond => Operations / Elapsed.TotalSeconds;

    public double BytesPerOperation => (double)AllocatedBytes / Operations;

    /// <summary>Where the time of an operation goes, in words.</summary>
    public string Costs
    {
        get
        {
            var each = 1_000_000.0 / Operations;
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{Elapsed.TotalSeconds * each:0.0} µs each, of processor {Cpu.TotalSeconds * each:0.0}, "
                + $"{GcPause / Elapsed:P0} in GC pauses");
        }
    }

    /// <summary>Measures what <paramref name="work"/> does; it returns how many operations that were.</summary>
    public static Task<Round> Measure(Func<Task<(long Operations, Latencies? Latencies)>> work) => Measure(begin =>
    {
        begin();
        return work();
    });

    /// <summary>Measures what <paramref name="work"/> does from the moment on at which it
    /// says that it begins.</summary>
    public static async Task<Round> Measure(Func<Action, Task<(long Operations, Latencies? Latencies)>> work)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        var (allocated, cpu, pause, started) = (0L, TimeSpan.Zero, TimeSpan.Zero, 0L);
        var (operations, latencies) = await work(() =>
        {
            allocated = GC.GetTotalAllocatedBytes(precise: true);
            (cpu, pause) = (Environment.CpuUsage.TotalTime, GC.GetTotalPauseDuration());
            started = Stopwatch.GetTimestamp();
        });
        var elapsed = Stopwatch.GetElapsedTime(started);
        return new Round(
            operations,
            elapsed,
            Environment.CpuUsage.TotalTime - cpu,
            GC.GetTotalPauseDuration() - pause,
            GC.GetTotalAllocatedBytes(precise: true) - allocated,
            latencies);
    }
}
