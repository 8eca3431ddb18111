namespace Millrace.Storage;

/// <summary>
/// The clock of the storage: read periodically, with a stopwatch in between. Nodes with different clocks use it for
/// times that mean the same on all of them.
/// </summary>
/// <param name="storage">Returns the storage, which must exist on the first use. A storage without a clock uses that of
/// the node.</param>
/// <param name="time">The clock of the node.</param>
internal sealed class StoreClock(Func<IStorage> storage, TimeProvider time)
{
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(30);

    private volatile Answer? _last;

    /// <summary>Returns the current time.</summary>
    public async ValueTask<DateTimeOffset> Now(CancellationToken cancellationToken)
    {
        if (_last is { } last && time.GetElapsedTime(last.Asked) is var since && since < RefreshInterval)
            return last.Moment + since;
        var asked = time.GetTimestamp();
        var table = await storage().Leases.Inspect(time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        _last = new Answer(table.Now, asked);
        return table.Now;
    }

    private sealed record Answer(DateTimeOffset Moment, long Asked);
}
