namespace Millrace.Testing;

/// <summary>
/// Lets time pass on a clock that stands still: it stops wherever something is due, so that each thing happens at its own moment and not
/// at the end of all.
/// </summary>
internal sealed class VirtualTime(ManualTimeProvider clock, Settling settling)
{
    /// <summary>More would take longer than anybody waits.</summary>
    private const int MostStops = 10_000;

    private const int FewestYields = 3;
    private const int MostYields = 20;

    /// <summary>Lets time pass, and all that is due meanwhile settle.</summary>
    /// <param name="by">How much.</param>
    /// <param name="within">The longest that it takes, in real time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TimeoutException">It took longer; says who was at what.</exception>
    public async Task Pass(TimeSpan by, TimeSpan within, CancellationToken cancellationToken)
    {
        var (begun, end, apart) = (TimeProvider.System.GetTimestamp(), clock.GetUtcNow() + by, by / MostStops);
        await settling.WaitStanding(within, cancellationToken);
        var (settled, head) = (clock.GetUtcNow(), await settling.Head(cancellationToken));
        while (clock.GetUtcNow() < end)
        {
            var stop = NextStop(end);
            clock.Advance(stop - clock.GetUtcNow());
            if (stop < end && stop - settled < apart)
                continue;
            settled = stop;
            await LetRun();
            // Most of what fires is the platform looking around: nothing follows from it.
            if (stop < end && await settling.IsStill(head, cancellationToken))
                continue;
            var left = within - TimeProvider.System.GetElapsedTime(begun);
            await settling.WaitStanding(left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellationToken);
            await LetRun();
            head = await settling.Head(cancellationToken);
        }
    }

    /// <summary>A consumer says that it rests before it arms the timer that wakes it: its word counts as well.</summary>
    private DateTimeOffset NextStop(DateTimeOffset end)
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

    /// <summary>Timers wake tasks that are no consumers' too: they get their turn before anybody looks whether all has settled.</summary>
    private static async Task LetRun()
    {
        for (var i = 0; i < MostYields; i++)
        {
            await Task.Yield();
            if (i >= FewestYields && ThreadPool.PendingWorkItemCount == 0)
                return;
        }
    }
}
