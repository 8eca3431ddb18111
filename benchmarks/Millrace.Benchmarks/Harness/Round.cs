using System.Diagnostics;
using System.Globalization;

namespace Millrace.Benchmarks.Harness;

/// <summary>One measured round of Millrace or of a comparison.</summary>
/// <param name="Operations">The number of operations.</param>
/// <param name="Elapsed">The total time.</param>
/// <param name="Cpu">The processor time of the process.</param>
/// <param name="GcPause">The total pause time of the garbage collector.</param>
/// <param name="AllocatedBytes">The managed memory allocated by the whole process, in bytes.</param>
/// <param name="Latencies">The durations of operations; null when they are not measured.</param>
internal sealed record Round(
    long Operations, TimeSpan Elapsed, TimeSpan Cpu, TimeSpan GcPause, long AllocatedBytes, Latencies? Latencies)
{
    public double PerSecond => Operations / Elapsed.TotalSeconds;

    public double BytesPerOperation => (double)AllocatedBytes / Operations;

    /// <summary>Gets a description of the costs of an operation.</summary>
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

    /// <summary>Measures <paramref name="work"/>, which returns the number of its operations.</summary>
    public static Task<Round> Measure(Func<Task<(long Operations, Latencies? Latencies)>> work) => Measure(begin =>
    {
        begin();
        return work();
    });

    /// <summary>Measures <paramref name="work"/> from the moment at which it calls its argument.</summary>
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
