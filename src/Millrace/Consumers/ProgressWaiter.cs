using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Waits until a consumer has reached a position: by its signal where it runs here, by looking where it runs on another node.
/// </summary>
internal sealed class ProgressWaiter(ConsumerHost host)
{
    private static readonly TimeSpan FirstLookElsewhere = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan LongestLookElsewhere = TimeSpan.FromMilliseconds(25);

    private static Task NoSignal { get; } = new TaskCompletionSource().Task;

    /// <summary>Waits for a position within a limit, and returns the one that is reached.</summary>
    public ValueTask<long> Wait(string name, long position, TimeSpan limit, CancellationToken cancellationToken) =>
        Wait(name, position, limit, passesUnwanted: false, cancellationToken);

    /// <summary>
    /// The same for the effects alone: where a consumer runs on another node, its checkpoint moves only now and then over events that it
    /// does not ask for, and what it has to show is complete before that.
    /// </summary>
    public ValueTask<long> WaitForEffects(string name, long position, TimeSpan limit, CancellationToken cancellationToken) =>
        Wait(name, position, limit, passesUnwanted: true, cancellationToken);

    private async ValueTask<long> Wait(
        string name, long position, TimeSpan limit, bool passesUnwanted, CancellationToken cancellationToken)
    {
        if (host.ReachedHere(name) is { } there && there >= position)
            return there;
        var started = host.Store.Time.GetTimestamp();
        var look = FirstLookElsewhere;
        while (true)
        {
            var here = host.ReachedHere(name);
            var isHere = here is not null;
            var reached = here ?? await Look(name, cancellationToken).ConfigureAwait(false);
            if (passesUnwanted && !isHere && reached > 0 && reached < position && host.Find(name) is { } consumer)
                reached = await PassUnwanted(consumer, reached, cancellationToken).ConfigureAwait(false);
            var left = limit - host.Store.Time.GetElapsedTime(started);
            if (reached >= position || left <= TimeSpan.Zero)
                return reached;
            if ((isHere ? NextMove(name, position) : NoSignal) is { } moved)
                await Any(moved, Shorter(left, look, isHere), cancellationToken).ConfigureAwait(false);
            look = look * 2 < LongestLookElsewhere ? look * 2 : LongestLookElsewhere;
        }
    }

    /// <summary>The position before the next event that a consumer asks for; one that begins anew has more to do than that.</summary>
    private async ValueTask<long> PassUnwanted(Consumer consumer, long checkpoint, CancellationToken cancellationToken)
    {
        var next = new LogPageQuery(consumer.Work.Filter, checkpoint + 1, IsBackwards: false, 1);
        var page = await host.Store.Reader.ReadPage(next, cancellationToken).ConfigureAwait(false);
        return Math.Max(checkpoint, page.Events.Count > 0 ? page.Events[0].Position - 1 : page.Next - 1);
    }

    /// <summary>How many letters of a consumer are open, wherever it runs.</summary>
    public async ValueTask<long> OpenLetters(string name, CancellationToken cancellationToken)
    {
        if (host.ReachedHere(name) is not null)
            return host.FindAll(name).Sum(partition => partition.OpenLetters);
        var open = 0L;
        foreach (var record in await host.Store.Storage.Leases.List(cancellationToken).ConfigureAwait(false))
        {
            if (record.Consumer == name)
                open += record.OpenLetters;
        }
        return open;
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

    /// <summary>The position that all partitions have reached: as the store knows, and further where they run here.</summary>
    private async ValueTask<long> Look(string name, CancellationToken cancellationToken)
    {
        long? least = null;
        var here = host.FindAll(name);
        foreach (var record in await host.Store.Storage.Leases.List(cancellationToken).ConfigureAwait(false))
        {
            if (record.Consumer != name)
                continue;
            var own = here.Count == record.Partitions ? here[record.Partition] : null;
            var isHeld = own is not null && own.Lease?.Epoch == record.LeaseEpoch;
            var reached = isHeld ? own!.Progress.Position : record.Checkpoint ?? 0;
            least = least < reached ? least : reached;
        }
        return least ?? 0;
    }

    private async Task Any(Task moved, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(limit, host.Store.Time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        await moved.WaitAsync(any.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
