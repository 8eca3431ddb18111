using Millrace.Storage;

namespace Millrace.Consuming;

/// <summary>
/// Waits until a consumer has reached a position. Uses the consumer's signal if it runs on this node, and polls the
/// store if it runs on another node.
/// </summary>
internal sealed class ProgressWaiter(ConsumerHost host)
{
    private static readonly TimeSpan FirstRemotePollPause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan MaxRemotePollPause = TimeSpan.FromMilliseconds(25);

    private static Task NoSignal { get; } = new TaskCompletionSource().Task;

    /// <summary>Waits for a position up to a limit, and returns the position that was reached.</summary>
    public async ValueTask<long> Wait(
        string name, long position, TimeSpan limit, CancellationToken cancellationToken) =>
        (
            await Wait(name, position, limit, skipsOtherEvents: false, isPointless: null, cancellationToken)
                .ConfigureAwait(false)).Position;

    /// <summary>
    /// Waits only for the effects of the events up to a position. The stored checkpoint of a consumer on another node
    /// moves over events outside its filter only occasionally, but its effects are complete before that. The wait ends
    /// early when <paramref name="isPointless"/> returns true. Returns the snapshot at that time.
    /// </summary>
    public ValueTask<ConsumerSnapshot> WaitForEffects(
        string name, long position, TimeSpan limit, Func<bool>? isPointless, CancellationToken cancellationToken) =>
        Wait(name, position, limit, skipsOtherEvents: true, isPointless, cancellationToken);

    /// <summary>
    /// Returns the current snapshot of a consumer, from memory if it runs here, or else by one read of the store.
    /// </summary>
    public async ValueTask<ConsumerSnapshot> GetSnapshot(string name, CancellationToken cancellationToken) =>
        host.TakeSnapshot(name) ?? await ReadStored(name, cancellationToken).ConfigureAwait(false);

    private async ValueTask<ConsumerSnapshot> Wait(
        string name,
        long position,
        TimeSpan limit,
        bool skipsOtherEvents,
        Func<bool>? isPointless,
        CancellationToken cancellationToken)
    {
        if (host.TakeSnapshot(name) is { } initial && initial.Position >= position)
            return initial;
        var started = host.Store.Time.GetTimestamp();
        var delay = FirstRemotePollPause;
        while (true)
        {
            var here = host.TakeSnapshot(name);
            var isHere = here is not null;
            var current = here ?? await ReadStored(name, cancellationToken).ConfigureAwait(false);
            if (skipsOtherEvents
                && !isHere
                && current.Position > 0
                && current.Position < position
                && host.Find(name) is { } consumer)
                current = current with
                {
                    Position = await SkipOthers(consumer, current.Position, cancellationToken).ConfigureAwait(false),
                };
            var remaining = limit - host.Store.Time.GetElapsedTime(started);
            if (current.Position >= position || remaining <= TimeSpan.Zero || isPointless?.Invoke() == true)
                return current;
            if ((isHere ? NextMove(name, position) : NoSignal) is { } moved)
                await Any(moved, Shorter(remaining, delay, isHere), cancellationToken).ConfigureAwait(false);
            delay = delay * 2 < MaxRemotePollPause ? delay * 2 : MaxRemotePollPause;
        }
    }

    /// <summary>
    /// Returns the position before the next event that matches the consumer's filter. The caller does not skip position
    /// 0, because a consumer that has just started may have other work first.
    /// </summary>
    private async ValueTask<long> SkipOthers(Consumer consumer, long checkpoint, CancellationToken cancellationToken)
    {
        var next = new LogPageQuery(consumer.Processor.Filter, checkpoint + 1, IsBackwards: false, 1);
        var page = await host.Store.Reader.ReadPage(next, cancellationToken).ConfigureAwait(false);
        return Math.Max(checkpoint, page.Events.Count > 0 ? page.Events[0].Position - 1 : page.Next - 1);
    }

    /// <summary>
    /// Returns a task that completes when a partition moves that has not reached the position; null when all have
    /// reached it.
    /// </summary>
    private Task? NextMove(string name, long position)
    {
        foreach (var partition in host.FindAll(name))
        {
            if (partition.Progress.NextMove(position) is { } moved)
                return moved;
        }
        return null;
    }

    // A consumer that runs here may move to another node during the wait. Therefore, a wait for its signal lasts at
    // most a second.
    private static TimeSpan Shorter(TimeSpan remaining, TimeSpan delay, bool isHere)
    {
        var max = isHere ? TimeSpan.FromSeconds(1) : delay;
        return remaining < max ? remaining : max;
    }

    /// <summary>Returns the stored snapshot, with newer snapshots of the partitions that run on this node.</summary>
    private async ValueTask<ConsumerSnapshot> ReadStored(string name, CancellationToken cancellationToken)
    {
        var head = host.Store.Tail.Head.Position;
        var here = host.FindAll(name);
        var records = await host.Store.Storage.Leases.Find(name, cancellationToken).ConfigureAwait(false);
        return ConsumerSnapshot.Combine(
            records.Select(record =>
                here.Count == record.Partitions
                && here[record.Partition].TakeSnapshot() is { } own
                && own.LeaseEpoch == record.LeaseEpoch
                    ? own with { OpenDeadLetters = record.OpenDeadLetters }
                    : ConsumerSnapshot.Of(record, head)));
    }

    private async Task Any(Task moved, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(limit, host.Store.Time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        await moved.WaitAsync(any.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
