using System.Diagnostics;

namespace Millrace.Benchmarks.Harness;

/// <summary>One measured round of one side.</summary>
/// <param name="Operations">How many operations were done.</param>
/// <param name="Elapsed">How long all of them took together.</param>
/// <param name="AllocatedBytes">How many bytes of managed memory were allocated meanwhile, by everybody.</param>
/// <param name="Latencies">How long each took; null where only the whole is of interest.</param>
internal sealed record Round(long Operations, TimeSpan Elapsed, long AllocatedBytes, Latencies? Latencies)
{
    public double PerSecond => Operations / Elapsed.TotalSeconds;

    public double BytesPerOperation => (double)AllocatedBytes / Operations;

    /// <summary>Measures what <paramref name="work"/> does; it returns how many operations that were.</summary>
    public static async Task<Round> Measure(Func<Task<(long Operations, Latencies? Latencies)>> work)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var started = Stopwatch.GetTimestamp();
        var (operations, latencies) = await work();
        var elapsed = Stopwatch.GetElapsedTime(started);
        return new Round(operations, elapsed, GC.GetTotalAllocatedBytes(precise: true) - allocated, latencies);
    }
}
