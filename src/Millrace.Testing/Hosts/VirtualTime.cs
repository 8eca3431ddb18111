namespace Millrace.Testing.Hosts;

/// <summary>
/// Advances a manual clock and stops at each due time, so that each effect happens at its own time.
/// </summary>
/// <param name="clock">The clock.</param>
/// <param name="settling">Waits for the effects.</param>
/// <param name="timeout">The timeout in real time.</param>
/// <param name="maxWorkDuration">The maximum wait, in real time, for threads that still work after a write.</param>
internal sealed class VirtualTime(
    ManualTimeProvider clock, SettleWaiter settling, TimeSpan timeout, TimeSpan maxWorkDuration)
{
    /// <summary>The maximum number of stops, which limits the duration of a test.</summary>
    private const int MaxStops = 10_000;

    private const int MinYields = 3;
    private const int MaxYields = 20;
    // The maximum number of full waits for busy threads, because unrelated work may keep a thread busy all the time.
    private const int MaxWaits = 40;

    private readonly long _started = TimeProvider.System.GetTimestamp();
    private TimeSpan _remainingWait = maxWorkDuration * MaxWaits;

    private TimeSpan Remaining => timeout - TimeProvider.System.GetElapsedTime(_started);

    /// <summary>Advances the clock. All work that becomes due settles before the method returns.</summary>
    /// <exception cref="TimeoutException">The operation exceeded the timeout. The message contains the activity of each
    /// consumer.</exception>
    public async Task AdvanceClock(TimeSpan by, CancellationToken cancellationToken)
    {
        var end = clock.GetUtcNow() + by;
        var minDistance = by / MaxStops;
        var lastSettledAt = clock.GetUtcNow();
        var head = await Settle(cancellationToken);
        while (clock.GetUtcNow() < end)
        {
            var stop = NextDueTime(end);
            clock.Advance(stop - clock.GetUtcNow());
            if (stop < end && stop - lastSettledAt < minDistance)
                continue;
            lastSettledAt = stop;
            await YieldToTasks();
            // Most timers are the library's polling timers, which have no effects.
            if (stop < end && await settling.IsSettledAt(head, cancellationToken))
                continue;
            head = await Settle(cancellationToken);
        }
    }

    /// <summary>Waits until all effects have happened, and returns the end of the log.</summary>
    private async Task<long> Settle(CancellationToken cancellationToken)
    {
        while (true)
        {
            await settling.WaitWithStoppedClock(Remaining, timeout, cancellationToken);
            var head = await settling.GetHead(cancellationToken);
            await WaitForBusyThreads(cancellationToken);
            if (settling.IsIdle && await settling.GetHead(cancellationToken) == head)
                return head;
        }
    }

    /// <summary>
    /// Returns the next due time. A consumer reports its pause before it arms its timer, so both are included.
    /// </summary>
    private DateTimeOffset NextDueTime(DateTimeOffset end)
    {
        var now = clock.GetUtcNow();
        var stop = end;
        foreach (var due in new[] { clock.FirstDue, settling.NextWakeTime() })
        {
            if (due < stop)
                stop = due.Value;
        }
        return stop < now ? now : stop;
    }

    /// <summary>
    /// Waits for tasks that a write has resumed. These tasks may do more work before they wait for the clock again.
    /// </summary>
    private async Task WaitForBusyThreads(CancellationToken cancellationToken)
    {
        await YieldToTasks();
        var started = TimeProvider.System.GetTimestamp();
        var maximum = _remainingWait < maxWorkDuration ? _remainingWait : maxWorkDuration;
        while (IsPoolBusy() && TimeProvider.System.GetElapsedTime(started) < maximum)
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancellationToken);
        _remainingWait -= TimeProvider.System.GetElapsedTime(started);
    }

    /// <summary>Returns true if another thread of the pool is busy or work is queued.</summary>
    private static bool IsPoolBusy()
    {
        ThreadPool.GetMaxThreads(out var maximum, out _);
        ThreadPool.GetAvailableThreads(out var free, out _);
        return maximum - free > 1 || ThreadPool.PendingWorkItemCount > 0;
    }

    /// <summary>
    /// Yields to tasks that timers resume, including tasks outside consumers, before the settled state is checked.
    /// </summary>
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
