using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Waits until a consumer has reached a position: by its signal where it runs here, by looking where it runs on another
/// node.
/// </summary>
internal sealed class ProgressWaiter(ConsumerHost host)
{
    private static readonly TimeSpan FirstRemotePollPause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan MaxRemotePollPause = TimeSpan.FromMilliseconds(25);

    private static Task NoSignal { get; } = new TaskCompletionSource().Task;

    /// <summary>Waits for a position within a limit, and returns the one that is reached.</summary>
    public async ValueTask<long> Wait(
        string name, long position, TimeSpan limit, CancellationToken cancellationToken) =>
        (
            await Wait(name, position, limit, passesUnwanted: false, isInVain: null, cancellationToken)
                .ConfigureAwait(false)).Position;

    /// <summary>
    /// The same for the effects alone: where a consumer runs on another node, its checkpoint moves only now and then
    /// over events that it does not ask for, and what it has to show is complete before that. Ends early when it is
    /// said to be in vain.
    /// </summary>
    public ValueTask<Standing> WaitForEffects(
        string name, long position, TimeSpan limit, Func<bool>? isInVain, CancellationToken cancellationToken) =>
        Wait(name, position, limit, passesUnwanted: true, isInVain, cancellationToken);

    /// <summary>How a consumer stands now: as this node knows where it runs here, and by one look where it runs on
    /// another.</summary>
    public async ValueTask<Standing> GetSnapshot(string name, CancellationToken cancellationToken) =>
        FindLocal(name) ?? await ReadStored(name, cancellationToken).ConfigureAwait(false);

    private async ValueTask<Standing> Wait(
        string name,
        long position,
        TimeSpan limit,
        bool passesUnwanted,
        Func<bool>? isInVain,
        CancellationToken cancellationToken)
    {
        if (FindLocal(name) is { } there && there.Position >= position)
            return there;
        var started = host.Store.Time.GetTimestamp();
        var look = FirstRemotePollPause;
        while (true)
        {
            var here = FindLocal(name);
            var isHere = here is not null;
            var seen = here ?? await ReadStored(name, cancellationToken).ConfigureAwait(false);
            if (passesUnwanted
                && !isHere
                && seen.Position > 0
                && seen.Position < position
                && host.Find(name) is { } consumer)
                seen = seen with
                {
                    Position = await SkipUnwanted(consumer, seen.Position, cancellationToken).ConfigureAwait(false),
                };
            var left = limit - host.Store.Time.GetElapsedTime(started);
            if (seen.Position >= position || left <= TimeSpan.Zero || isInVain?.Invoke() == true)
                return seen;
            if ((isHere ? NextMove(name, position) : NoSignal) is { } moved)
                await Any(moved, Shorter(left, look, isHere), cancellationToken).ConfigureAwait(false);
            look = look * 2 < MaxRemotePollPause ? look * 2 : MaxRemotePollPause;
        }
    }

    /// <summary>The position before the next event that a consumer asks for; one that begins anew has more to do than
    /// that.</summary>
    private async ValueTask<long> SkipUnwanted(Consumer consumer, long checkpoint, CancellationToken cancellationToken)
    {
        var next = new LogPageQuery(consumer.Processor.Filter, checkpoint + 1, IsBackwards: false, 1);
        var page = await host.Store.Reader.ReadPage(next, cancellationToken).ConfigureAwait(false);
        return Math.Max(checkpoint, page.Events.Count > 0 ? page.Events[0].Position - 1 : page.Next - 1);
    }

    /// <summary>When one of the partitions moves next that have not reached a position; null when all have.</summary>
    private Task? NextMove(string name, long position)
    {
        foreach (var partition in host.FindAll(name))
        {
            if (partition.Progress.NextMove(position) is { } moved)
                return moved;
        }
        return null;
    }

    // A consumer that runs here may be handed over meanwhile: so even its signal is not trusted for longer than this.
    private static TimeSpan Shorter(TimeSpan left, TimeSpan look, bool isHere)
    {
        var most = isHere ? TimeSpan.FromSeconds(1) : look;
        return left < most ? left : most;
    }

    /// <summary>How it stands where all of it runs here; null where it does not.</summary>
    private Standing? FindLocal(string name)
    {
        while (host.ReachedHere(name) is not null)
        {
            // The leases before and after what was reached under them: it may be taken over, or begin anew, in between.
            var (epochs, letters) = CountHere(name);
            if (host.ReachedHere(name) is { } reached && CountHere(name).Epochs == epochs)
                return new Standing(reached, epochs, letters);
        }
        return null;
    }

    private (long Epochs, long DeadLetters) CountHere(string name)
    {
        var (epochs, letters) = (0L, 0L);
        foreach (var partition in host.FindAll(name))
        {
            epochs += partition.Lease?.Epoch ?? 0;
            letters += partition.OpenDeadLetters;
        }
        return (epochs, letters);
    }

    /// <summary>How it stands as the store knows, and further where a part of it runs here.</summary>
    private async ValueTask<Standing> ReadStored(string name, CancellationToken cancellationToken)
    {
        var standing = default(Standing);
        var here = host.FindAll(name);
        foreach (var record in await host.Store.Storage.Leases.Find(name, cancellationToken).ConfigureAwait(false))
        {
            var own = here.Count == record.Partitions ? here[record.Partition] : null;
            var isHeld = own is not null && own.Lease?.Epoch == record.LeaseEpoch;
            var reached = isHeld ? own!.Progress.Position : record.Checkpoint ?? 0;
            standing = standing.LeaseEpoch is { } epochs
                ? new Standing(
                    Math.Min(standing.Position, reached),
                    epochs + record.LeaseEpoch,
                    standing.OpenDeadLetters + record.OpenDeadLetters)
                : new Standing(reached, record.LeaseEpoch, record.OpenDeadLetters);
        }
        return standing;
    }

    private async Task Any(Task moved, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(limit, host.Store.Time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        await moved.WaitAsync(any.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
