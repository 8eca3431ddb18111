namespace Millrace;

/// <summary>A collection that answers for a read model, how far it is, and what was shown of the read model on this
/// node.</summary>
/// <param name="collection">The collection.</param>
/// <param name="gate">Waits for its consumer.</param>
/// <param name="isOwn">Whether it was built by the version of the projection that reads it.</param>
/// <param name="epoch">The epoch of the log in which its positions are.</param>
internal sealed class ReadModelSource(string collection, FreshnessGate gate, bool isOwn, long epoch)
{
    private long _shown;
    private long _floor;
    private long _reached;
    private ReadModelSource? _next;
    private volatile bool _hasWaited;
    private volatile SwitchFloor? _switchFloor;

    public string Collection { get; } = collection;

    public FreshnessGate Gate { get; } = gate;

    public bool IsOwn { get; } = isOwn;

    public long Epoch { get; } = epoch;

    /// <summary>Whether it has reached what was shown of the collections that answered before it.</summary>
    public bool HasReachedFloor => Interlocked.Read(ref _reached) >= Interlocked.Read(ref _floor);

    /// <summary>Notes a position that an answer reflects, before it is handed out: what answers later must reflect it
    /// as well.</summary>
    public void Show(long position)
    {
        Raise(ref _shown, position);
        for (var next = Volatile.Read(ref _next); next is not null; next = Volatile.Read(ref next._next))
            next.MustReach(position, Epoch);
    }

    /// <summary>
    /// Another is going to answer. It must have reached what this one has shown; reads that are under way tell it what
    /// they still show.
    /// </summary>
    public void ReplaceWith(ReadModelSource next)
    {
        Interlocked.Exchange(ref _next, next); // Before the rest is looked at: a read sees this, or is seen.
        next.MustReach(Math.Max(Interlocked.Read(ref _shown), Interlocked.Read(ref _floor)), Epoch);
    }

    /// <summary>What had been shown when it was first noticed that another collection is to answer.</summary>
    public long ShownBeforeSwitch(string wanted)
    {
        var leaving = _switchFloor;
        if (leaving?.Wanted != wanted)
            _switchFloor = leaving = new SwitchFloor(
                wanted, Math.Max(Interlocked.Read(ref _shown), Interlocked.Read(ref _floor)));
        return leaving.Shown;
    }

    /// <summary>Waits until it has reached what was shown before it answered; says what it lacks of that when it takes
    /// too long.</summary>
    /// <remarks>Where it has taken too long once, nobody waits again until it is there.</remarks>
    public async ValueTask<Freshness> ReachFloor(TimeSpan wait, CancellationToken cancellationToken)
    {
        var floor = Interlocked.Read(ref _floor);
        if (Interlocked.Read(ref _reached) >= floor)
            return Freshness.Fresh;
        var reached = await Gate.WaitFor(floor, _hasWaited ? TimeSpan.Zero : wait, cancellationToken)
            .ConfigureAwait(false);
        Raise(ref _reached, reached);
        _hasWaited = reached < floor;
        return new Freshness(Math.Max(0, floor - reached));
    }

    private void MustReach(long position, long epoch)
    {
        if (epoch == Epoch) // After a restore of the log, positions are others.
            Raise(ref _floor, position);
    }

    private static void Raise(ref long place, long position)
    {
        for (var now = Interlocked.Read(ref place); position > now; now = Interlocked.Read(ref place))
        {
            if (Interlocked.CompareExchange(ref place, position, now) == now)
                return;
        }
    }

    private sealed record SwitchFloor(string Wanted, long Shown);
}
