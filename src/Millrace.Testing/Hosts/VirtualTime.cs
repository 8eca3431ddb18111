namespace Millrace.Testing;

/// <summary>
/// Lets time pass on a clock that stands still: it stops wherever something is due, so that each thing happens at its
/// own moment and not at the end of all.
/// </summary>
/// <param name="clock">The clock.</param>
/// <param name="settling">What is waited for.</param>
/// <param name="within">The longest that it takes, in real time.</param>
/// <param name="longestWork">The longest wait, in real time, for threads that are at work behind what was
/// written.</param>
internal sealed class VirtualTime(
    ManualTimeProvider clock, SettleWaiter settling, TimeSpan within, TimeSpan longestWork)
{
    /// <summary>More would take longer than anybody waits.</summary>
    private const int MaxStops = 10_000;

    private const int MinYields = 3;
    private const int MaxYields = 20;
    // For work, of the longest: a thread may be at something else of the process all the time.
    private const int MaxWaits = 40;

    private readonly long _begun = TimeProvider.System.GetTimestamp();
    private TimeSpan _patience = longestWork * MaxWaits;

    private TimeSpan Left => within - TimeProvider.System.GetElapsedTime(_begun);

    /// <summary>Lets time pass, and all that is due meanwhile settle.</summary>
    /// <exception cref="TimeoutException">It took longer; says who was at what.</exception>
    public async Task Pass(TimeSpan by, CancellationToken cancellationToken)
    {
        var (end, apart) = (clock.GetUtcNow() + by, by / MaxStops);
        var (settled, head) = (clock.GetUtcNow(), await Settle(cancellationToken));
        while (clock.GetUtcNow() < end)
        {
            var stop = NextDueTime(end);
            clock.Advance(stop - clock.GetUtcNow());
            if (stop < end && stop - settled < apart)
                continue;
            settled = stop;
            await YieldToTasks();
            // Most of what fires is the platform looking around: nothing follows from it.
            if (stop < end && await settling.IsSettledAt(head, cancellationToken))
                continue;
            head = await Settle(cancellationToken);
        }
    }

    /// <summary>Waits until nothing more follows, and returns where the log ends then.</summary>
    private async Task<long> Settle(CancellationToken cancellationToken)
    {
        while (true)
        {
            await settling.WaitWithStoppedClock(Left, within, cancellationToken);
            var head = await settling.Head(cancellationToken);
            await WaitForEnd(cancellationToken);
            if (settling.IsIdle && await settling.Head(cancellationToken) == head)
                return head;
        }
    }

    /// <summary>A consumer says that it rests before it arms the timer that wakes it: its word counts as
    /// well.</summary>
    private DateTimeOffset NextDueTime(DateTimeOffset end)
    {
        var now = clock.GetUtcNow();
        var stop = end;
        foreach (var due in new[] { clock.FirstDue, settling.NextWake() })
        {
            if (due < stop)
                stop = due.Value;
        }
        return stop < now ? now : stop;
    }

    /// <summary>Whoever waited for what was written goes on now, and may have something to do before it waits for time
    /// again.</summary>
    private async Task WaitForEnd(CancellationToken cancellationToken)
    {
        await YieldToTasks();
        var begun = TimeProvider.System.GetTimestamp();
        var most = _patience < longestWork ? _patience : longestWork;
        while (IsPoolBusy() && TimeProvider.System.GetElapsedTime(begun) < most)
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancellationToken);
        _patience -= TimeProvider.System.GetElapsedTime(begun);
    }

    /// <summary>Whether anything but this itself is at work, or waits for its turn.</summary>
    private static bool IsPoolBusy()
    {
        ThreadPool.GetMaxThreads(out var most, out _);
        ThreadPool.GetAvailableThreads(out var free, out _);
        return most - free > 1 || ThreadPool.PendingWorkItemCount > 0;
    }

    /// <summary>Timers wake tasks that are no consumers' too: they get their turn before anybody looks whether all has
    /// settled.</summary>
    private static async Task YieldToTasks()
    {
        for (var i = 0; i < MaxYields; i++)
        {
            await Task.Yield();
            if (i >= MinYields && ThreadPool.PendingWorkItemCount == 0)
                return;
        }
    }
}
