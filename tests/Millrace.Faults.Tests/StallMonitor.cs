using System.Diagnostics;

namespace Millrace.Faults.Tests;

/// <summary>
/// Measures how long the machine paused, or had no time for this program, since its start. Measured times are reduced
/// by that.
/// </summary>
internal sealed class StallMonitor : IDisposable
{
    private static readonly TimeSpan SampleInterval = TimeSpan.FromMilliseconds(50);
    // Smaller delays are not stalls: timers are late by as much.
    private static readonly TimeSpan MinStall = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _ending = new();
    private readonly Thread _watch;
    private long _ticks;

    public StallMonitor()
    {
        // A separate thread, which waits for no place in the pool: that would be this program's delay and not the
        // machine's.
        _watch = new Thread(Watch) { IsBackground = true, Name = "stalls" };
        _watch.Start();
    }

    public TimeSpan Total => TimeSpan.FromTicks(Interlocked.Read(ref _ticks));

    public void Dispose()
    {
        _ending.Cancel();
        _watch.Join();
        _ending.Dispose();
    }

    private void Watch()
    {
        for (
            var last = Stopwatch.GetTimestamp();
            !_ending.Token.WaitHandle.WaitOne(SampleInterval);
            last = Stopwatch.GetTimestamp())
        {
            var late = Stopwatch.GetElapsedTime(last) - SampleInterval;
            if (late > MinStall)
                Interlocked.Add(ref _ticks, late.Ticks);
        }
    }
}
