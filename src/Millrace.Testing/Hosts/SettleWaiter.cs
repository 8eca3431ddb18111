using System.Globalization;
using System.Text;
using Millrace.Storage;

namespace Millrace.Testing;

/// <summary>
/// Waits until all that follows from what was written has happened. A clock that stands still is moved on to where
/// something is tried again, and no further.
/// </summary>
internal sealed class SettleWaiter(EventStore store, ConsumerHost host, Consumers consumers, TimeProvider time)
{
    /// <summary>More retries than an event gets are those of something that does not end.</summary>
    private const int MaxClockMoves = 500;

    private static readonly TimeSpan UntilCommitted = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private enum SettleState
    {
        Settled,
        Stuck,
        Retries,
        Works,
    }

    /// <summary>Waits, and returns the consumers that do not get on by themselves.</summary>
    /// <param name="within">The longest that it takes, in real time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TimeoutException">It took longer; says who was at what.</exception>
    public Task<IReadOnlyList<Consumer>> Wait(TimeSpan within, CancellationToken cancellationToken) =>
        Wait(within, within, isClockStopped: false, cancellationToken);

    /// <summary>The same while the clock stands: what is tried again later stays so.</summary>
    /// <param name="left">What is left of the longest that it takes, in real time.</param>
    /// <param name="within">The longest that it takes, in real time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TimeoutException">It took longer; says who was at what.</exception>
    public Task WaitWithStoppedClock(TimeSpan left, TimeSpan within, CancellationToken cancellationToken) =>
        Wait(left, within, isClockStopped: true, cancellationToken);

    /// <summary>Whether nothing is about to be written.</summary>
    public bool IsIdle => store.IsIdle;

    /// <summary>Whether nothing is in the log behind a position, nothing about to be, and every consumer
    /// rests.</summary>
    public async ValueTask<bool> IsSettledAt(long position, CancellationToken cancellationToken)
    {
        if (!host.IsRunning || !store.IsIdle)
            return false;
        var now = time.GetUtcNow();
        foreach (var consumer in host.All)
        {
            if (consumer.Progress.PausedUntil is not { } until || until <= now)
                return false;
        }
        return await Head(cancellationToken) == position;
    }

    /// <summary>The last position of the log.</summary>
    public async ValueTask<long> Head(CancellationToken cancellationToken) =>
        (await store.GetToken(cancellationToken)).Position;

    /// <summary>When the first consumer goes on by itself; null when all wait for something else.</summary>
    public DateTimeOffset? NextWake()
    {
        DateTimeOffset? next = null;
        var now = time.GetUtcNow();
        foreach (var consumer in host.All)
        {
            if (consumer.Progress.PausedUntil is { } until
                && until > now
                && until < DateTimeOffset.MaxValue
                && !(next <= until))
                next = until;
        }
        return next;
    }

    private async Task<IReadOnlyList<Consumer>> Wait(
        TimeSpan left, TimeSpan within, bool isClockStopped, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (left > TimeSpan.Zero)
            limit.CancelAfter(left);
        else
            await limit.CancelAsync();
        try
        {
            return host.IsRunning
                ? await OwnConsumers(isClockStopped, limit.Token)
                : await OthersConsumers(left, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw StepTimeout.Reached(
                await Describe(
                    string.Create(
                        CultureInfo.InvariantCulture, $"Not everything settled within {within.TotalSeconds} s."),
                    cancellationToken));
        }
    }

    /// <summary>Who stands where, and what it is doing.</summary>
    public async Task<string> Describe(string problem, CancellationToken cancellationToken)
    {
        var head = (await store.GetToken(cancellationToken)).Position;
        var text = new StringBuilder(problem)
            .Append("\n\nConsumers (the log ends at position ")
            .Append(head)
            .Append(')');
        foreach (var consumer in host.All)
        {
            text.Append(
                    CultureInfo.InvariantCulture,
                    $"\n    '{consumer.Label}' at position {consumer.Progress.Position}: ")
                .Append(await DescribeActivity(consumer, head, cancellationToken));
        }
        return text.ToString();
    }

    private async Task<IReadOnlyList<Consumer>> OwnConsumers(bool isClockStopped, CancellationToken cancellationToken)
    {
        for (var moves = 0; ;)
        {
            // Tells the consumers of leases, pauses and decisions about dead letters, which wait for the clock
            // otherwise.
            await host.LeaseCoordinator.Inspect(cancellationToken);
            var all = host.All;
            Task[] changes = [.. all.Select(consumer => consumer.Progress.NextChange())];
            var head = (await store.GetToken(cancellationToken)).Position;
            var stands = new SettleState[all.Count];
            for (var i = 0; i < stands.Length; i++)
                stands[i] = await StateOf(all[i], head, cancellationToken);
            if (!store.IsIdle)
            {
                // What is about to be committed is something that follows.
                await Task.Delay(UntilCommitted, TimeProvider.System, cancellationToken);
            }
            else if (Array.TrueForAll(
                    stands,
                    stand =>
                        stand is SettleState.Settled or SettleState.Stuck
                        || (isClockStopped && stand == SettleState.Retries)))
            {
                if ((await store.GetToken(cancellationToken)).Position == head)
                    return [.. all.Where((_, i) => stands[i] == SettleState.Stuck)];
            }
            else if (time is ManualTimeProvider clock && !stands.Contains(SettleState.Works))
            {
                if (moves++ == MaxClockMoves)
                {
                    var problem = $"Something is tried again for ever: {MaxClockMoves} times.";
                    throw new SpecificationException(await Describe(problem, cancellationToken));
                }
                clock.Advance(NextRetry(all, stands) - clock.GetUtcNow());
            }
            else
            {
                await ((Task)Task.WhenAny(changes)).WaitAsync(PollInterval, TimeProvider.System, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>A node that runs no consumers waits for those of others, by their checkpoints.</summary>
    private async Task<IReadOnlyList<Consumer>> OthersConsumers(TimeSpan within, CancellationToken cancellationToken)
    {
        var token = await store.GetToken(cancellationToken);
        for (var before = default(ConsistencyToken?); before != token; token = await store.GetToken(cancellationToken))
        {
            before = token;
            foreach (var consumer in await consumers.List(cancellationToken))
            {
                if (!await consumers.WaitFor(consumer.Name, token, within, cancellationToken))
                    throw new OperationCanceledException(cancellationToken);
            }
        }
        return [];
    }

    private DateTimeOffset NextRetry(IReadOnlyList<Consumer> all, SettleState[] stands)
    {
        var next = DateTimeOffset.MaxValue;
        for (var i = 0; i < stands.Length; i++)
        {
            if (stands[i] == SettleState.Retries && all[i].Progress.PausedUntil is { } until && until < next)
                next = until;
        }
        var now = time.GetUtcNow();
        // One that has woken meanwhile is waited for.
        return next == DateTimeOffset.MaxValue || next < now ? now : next;
    }

    private async ValueTask<SettleState> StateOf(Consumer consumer, long head, CancellationToken cancellationToken)
    {
        if (consumer.Lease is null)
            return await StateOnOtherNode(consumer, head, cancellationToken);
        if (consumer.Progress.PausedUntil is not { } until || until <= time.GetUtcNow())
            return SettleState.Works;
        if (consumer.IsPaused)
            return SettleState.Settled;
        if (consumer.Progress.State is ConsumerState.Stalled or ConsumerState.Faulted or ConsumerState.CircuitOpen)
            return SettleState.Stuck;
        if (until < DateTimeOffset.MaxValue && !(consumer.Processor.NextDue <= until))
            return SettleState.Retries; // And not something that is due at a time of its own, such as a timer.
        return consumer.Progress.Position >= head ? SettleState.Settled : SettleState.Works;
    }

    private async ValueTask<SettleState> StateOnOtherNode(
        Consumer consumer, long head, CancellationToken cancellationToken)
    {
        var status = await consumers.Get(consumer.Name, cancellationToken);
        if (!consumer.Share.IsWhole)
        {
            var own = status.Partitions.FirstOrDefault(one => one.Partition == consumer.Share.Partition);
            return own is { Node: not null, IsHere: false } && own.Checkpoint >= head
                ? SettleState.Settled
                : SettleState.Works;
        }
        return status is { Node: not null, IsHere: false } && status.Checkpoint >= head
            ? SettleState.Settled
            : SettleState.Works;
    }

    private async Task<string> DescribeActivity(Consumer consumer, long head, CancellationToken cancellationToken)
    {
        var (progress, now) = (consumer.Progress, time.GetUtcNow());
        if (consumer.Lease is null)
            return "another node has its lease, or none yet";
        if (consumer.IsPaused)
            return "paused";
        var (state, _, problem) = progress.Own;
        if (problem is not null)
        {
            var again =
                progress.PausedUntil is { } until && until > now && until < DateTimeOffset.MaxValue
                    ? string.Create(
                        CultureInfo.InvariantCulture,
                        $", tried again in {(until - now).TotalSeconds:0.###} s of its clock")
                    : "";
            return $"{state}{again}: {problem}";
        }
        if (progress.PausedUntil is { } rest && rest > now)
        {
            return rest < DateTimeOffset.MaxValue ? "waits to try a dead letter again"
                : progress.Position >= head ? "done" : "about to go on";
        }
        var next = new LogPageQuery(consumer.Processor.Filter, progress.Position + 1, IsBackwards: false, 1);
        var page = await store.Reader.ReadPage(next, cancellationToken);
        return page.Events is [var working, ..]
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"works on position {working.Position}, '{working.Type}' in '{working.Stream}', and has not ended")
            : "works, though no event is left for it";
    }
}
