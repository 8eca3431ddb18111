using System.Diagnostics;

namespace Millrace.Faults.Tests;

/// <summary>
/// Measures how long the machine paused, or did not run this program, since the start of the monitor. Tests subtract
/// this time from measured times.
/// </summary>
internal sealed class StallMonitor : IDisposable
{
    private static readonly TimeSpan SampleInterval = TimeSpan.FromMilliseconds(50);
    // Smaller delays are not stalls, because timers may be late by this time.
    private static readonly TimeSpan MinStall = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _ending = new();
    private readonly Thread _watch;
    private long _ticks;

    public StallMonitor()
    {
        // The monitor uses a separate thread, because a wait for a pool thread would be a delay of this program and not
        // of the machine.
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
