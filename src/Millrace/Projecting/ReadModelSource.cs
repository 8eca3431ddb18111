using Millrace.Storage;

namespace Millrace.Projecting;

/// <summary>
/// A collection from which a read model is read, with its progress, and with the positions of results that this node
/// has returned.
/// </summary>
/// <param name="collection">The name of the collection.</param>
/// <param name="gate">Waits for the consumer of the collection.</param>
/// <param name="isOwn">True if the collection belongs to the same version as the projection.</param>
/// <param name="epoch">The log epoch of the positions.</param>
internal sealed class ReadModelSource(string collection, FreshnessGate gate, bool isOwn, long epoch)
{
    private long _returned;
    private long _floor;
    private long _reached;
    private ReadModelSource? _next;
    private volatile bool _hasTimedOut;
    private volatile ExpiryColumn? _expiryColumn;
    private volatile SwitchFloor? _switchFloor;

    public string Collection { get; } = collection;

    public FreshnessGate Gate { get; } = gate;

    public bool IsOwn { get; } = isOwn;

    public long Epoch { get; } = epoch;

    /// <summary>
    /// Gets or sets the field of the collection by which its documents expire; null if it is unknown. Thread-safe.
    /// </summary>
    public ExpiryColumn? ExpiryColumn
    {
        get => _expiryColumn;
        set => _expiryColumn = value;
    }

    /// <summary>
    /// Gets whether the collection has reached the positions of results that were returned from earlier collections.
    /// </summary>
    public bool HasReachedFloor => Interlocked.Read(ref _reached) >= Interlocked.Read(ref _floor);

    /// <summary>
    /// Records the position of a result before it is returned. A later collection must reach this position before it
    /// serves reads.
    /// </summary>
    public void RecordReturned(long position)
    {
        Raise(ref _returned, position);
        for (var next = Volatile.Read(ref _next); next is not null; next = Volatile.Read(ref next._next))
            next.MustReach(position, Epoch);
    }

    /// <summary>
    /// Records that another collection replaces this collection. The other collection must reach the positions of
    /// results from this collection, including the results of reads that are still running.
    /// </summary>
    public void ReplaceWith(ReadModelSource next)
    {
        Interlocked.Exchange(ref _next, next); // Set before _returned is read, so that no concurrent read is missed.
        next.MustReach(Math.Max(Interlocked.Read(ref _returned), Interlocked.Read(ref _floor)), Epoch);
    }

    /// <summary>Returns the highest position that was returned before this node noticed the switch.</summary>
    public long ReturnedBeforeSwitch(string nextCollection)
    {
        var switchFloor = _switchFloor;
        if (switchFloor?.NextCollection != nextCollection)
            _switchFloor = switchFloor = new SwitchFloor(
                nextCollection, Math.Max(Interlocked.Read(ref _returned), Interlocked.Read(ref _floor)));
        return switchFloor.ReturnedPosition;
    }

    /// <summary>
    /// Waits until the collection has reached the positions of results from earlier collections. If the wait times out,
    /// the returned freshness contains the number of missing positions.
    /// </summary>
    /// <remarks>
    /// After a time-out, later reads return immediately, until the collection has reached the positions.
    /// </remarks>
    public async ValueTask<Freshness> ReachFloor(TimeSpan wait, CancellationToken cancellationToken)
    {
        var floor = Interlocked.Read(ref _floor);
        if (Interlocked.Read(ref _reached) >= floor)
            return Freshness.Fresh;
        var reached = await Gate.WaitFor(floor, _hasTimedOut ? TimeSpan.Zero : wait, cancellationToken)
            .ConfigureAwait(false);
        Raise(ref _reached, reached);
        _hasTimedOut = reached < floor;
        return new Freshness(Math.Max(0, floor - reached));
    }

    private void MustReach(long position, long epoch)
    {
        if (epoch == Epoch) // After a restore of the log, positions are not comparable.
            Raise(ref _floor, position);
    }

    private static void Raise(ref long maximum, long position)
    {
        for (var current = Interlocked.Read(ref maximum); position > current; current = Interlocked.Read(ref maximum))
        {
            if (Interlocked.CompareExchange(ref maximum, position, current) == current)
                return;
        }
    }

    private sealed record SwitchFloor(string NextCollection, long ReturnedPosition);
}
