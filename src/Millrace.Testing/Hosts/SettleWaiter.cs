using System.Globalization;
using System.Text;
using Millrace.Consuming;
using Millrace.Storage;

namespace Millrace.Testing.Hosts;

/// <summary>
/// Waits until all effects of earlier writes have happened. It advances a manual clock to retries, but not to other
/// work.
/// </summary>
internal sealed class SettleWaiter(EventStore store, ConsumerHost host, Consumers consumers, TimeProvider time)
{
    /// <summary>
    /// The maximum number of clock moves. No event has so many retries, so reaching the maximum indicates an endless
    /// loop.
    /// </summary>
    private const int MaxClockMoves = 500;

    private static readonly TimeSpan CommitPollInterval = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private enum SettleState
    {
        Settled,
        Stuck,
        Retries,
        Works,
    }

    /// <summary>Waits until everything has settled, and returns the consumers that are stuck.</summary>
    /// <param name="timeout">The timeout in real time.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="TimeoutException">The wait exceeded the timeout. The message contains the activity of each
    /// consumer.</exception>
    public Task<IReadOnlyList<Consumer>> Wait(TimeSpan timeout, CancellationToken cancellationToken) =>
        Wait(timeout, timeout, isClockStopped: false, cancellationToken);

    /// <summary>Waits without advancing the clock. Later retries remain due.</summary>
    /// <param name="remaining">The remaining part of the timeout, in real time.</param>
    /// <param name="timeout">The timeout in real time, for the message.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="TimeoutException">The wait exceeded the timeout. The message contains the activity of each
    /// consumer.</exception>
    public Task WaitWithStoppedClock(TimeSpan remaining, TimeSpan timeout, CancellationToken cancellationToken) =>
        Wait(remaining, timeout, isClockStopped: true, cancellationToken);

    /// <summary>Gets whether no commit is pending.</summary>
    public bool IsIdle => store.Queue.IsIdle;

    /// <summary>Returns true if the log ends at a position, no commit is pending and every consumer is idle.</summary>
    public async ValueTask<bool> IsSettledAt(long position, CancellationToken cancellationToken)
    {
        if (!host.IsRunning || !store.Queue.IsIdle)
            return false;
        var now = time.GetUtcNow();
        foreach (var consumer in host.All)
        {
            if (consumer.Progress.PausedUntil is not { } until || until <= now)
                return false;
        }
        return await GetHead(cancellationToken) == position;
    }

    /// <summary>Returns the last position of the log.</summary>
    public async ValueTask<long> GetHead(CancellationToken cancellationToken) =>
        (await store.GetToken(cancellationToken)).Position;

    /// <summary>Returns the first time at which a consumer continues without an event; null if none does.</summary>
    public DateTimeOffset? NextWakeTime()
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
        TimeSpan remaining, TimeSpan timeout, bool isClockStopped, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (remaining > TimeSpan.Zero)
            limit.CancelAfter(remaining);
        else
            await limit.CancelAsync();
        try
        {
            return host.IsRunning
                ? await WaitForOwnConsumers(isClockStopped, limit.Token)
                : await WaitForOtherNodes(remaining, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw StepTimeout.Reached(
                await Describe(
                    string.Create(
                        CultureInfo.InvariantCulture, $"Not everything settled within {timeout.TotalSeconds} s."),
                    cancellationToken));
        }
    }

    /// <summary>Describes the position and the activity of each consumer.</summary>
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

    private async Task<IReadOnlyList<Consumer>> WaitForOwnConsumers(
        bool isClockStopped, CancellationToken cancellationToken)
    {
        for (var moves = 0; ;)
        {
            // The calls update leases, pauses and dead-letter decisions. Without them, the updates would wait for the
            // clock.
            await host.LeaseCoordinator.Inspect(cancellationToken);
            var all = host.All;
            Task[] changes = [.. all.Select(consumer => consumer.Progress.NextChange())];
            var head = (await store.GetToken(cancellationToken)).Position;
            var states = new SettleState[all.Count];
            for (var i = 0; i < states.Length; i++)
                states[i] = await StateOf(all[i], head, cancellationToken);
            if (!store.Queue.IsIdle)
            {
                // Consumers still have to handle the events of a pending commit.
                await Task.Delay(CommitPollInterval, TimeProvider.System, cancellationToken);
            }
            else if (Array.TrueForAll(
                    states,
                    state =>
                        state is SettleState.Settled or SettleState.Stuck
                        || (isClockStopped && state == SettleState.Retries)))
            {
                if ((await store.GetToken(cancellationToken)).Position == head)
                    return [.. all.Where((_, i) => states[i] == SettleState.Stuck)];
            }
            else if (time is ManualTimeProvider clock && !states.Contains(SettleState.Works))
            {
                if (moves++ == MaxClockMoves)
                {
                    var problem = $"Something is tried again for ever: {MaxClockMoves} times.";
                    throw new SpecificationException(await Describe(problem, cancellationToken));
                }
                clock.Advance(NextRetry(all, states) - clock.GetUtcNow());
            }
            else
            {
                await ((Task)Task.WhenAny(changes)).WaitAsync(PollInterval, TimeProvider.System, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>Waits for the checkpoints of other nodes' consumers, on a node that runs no consumers.</summary>
    private async Task<IReadOnlyList<Consumer>> WaitForOtherNodes(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var token = await store.GetToken(cancellationToken);
        for (var last = default(ConsistencyToken?); last != token; token = await store.GetToken(cancellationToken))
        {
            last = token;
            foreach (var consumer in await consumers.List(cancellationToken))
            {
                if (!await consumers.WaitFor(consumer.Name, token, timeout, cancellationToken))
                    throw new OperationCanceledException(cancellationToken);
            }
        }
        return [];
    }

    private DateTimeOffset NextRetry(IReadOnlyList<Consumer> all, SettleState[] states)
    {
        var next = DateTimeOffset.MaxValue;
        for (var i = 0; i < states.Length; i++)
        {
            if (states[i] == SettleState.Retries && all[i].Progress.PausedUntil is { } until && until < next)
                next = until;
        }
        var now = time.GetUtcNow();
        // Wait for a consumer that has resumed during the check.
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
            return SettleState.Retries; // Work that is due at a certain time, such as a timer, is not a retry.
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
        var progress = consumer.Progress;
        var now = time.GetUtcNow();
        if (consumer.TakeSnapshot() is not { } snapshot)
            return "another node has its lease, or no node yet";
        if (consumer.IsPaused)
            return "paused";
        if (snapshot.Problem is { } problem)
        {
            var retryText =
                progress.PausedUntil is { } until && until > now && until < DateTimeOffset.MaxValue
                    ? string.Create(
                        CultureInfo.InvariantCulture,
                        $", tried again in {(until - now).TotalSeconds:0.###} s of its clock")
                    : "";
            return $"{snapshot.State}{retryText}: {problem}";
        }
        if (progress.PausedUntil is { } pausedUntil && pausedUntil > now)
        {
            return pausedUntil < DateTimeOffset.MaxValue ? "waits to retry a dead letter"
                : progress.Position >= head ? "done" : "about to continue";
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
