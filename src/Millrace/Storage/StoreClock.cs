namespace Millrace.Storage;

/// <summary>
/// The clock of the storage, for times that must be comparable between nodes with different clocks. This class reads
/// the storage's clock periodically, and measures the time between two reads with a stopwatch.
/// </summary>
/// <param name="storage">Returns the storage, which must exist on the first use. If the storage has no clock, the clock
/// of the node is used.</param>
/// <param name="time">The clock of the node.</param>
internal sealed class StoreClock(Func<IStorage> storage, TimeProvider time)
{
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(30);

    private volatile Answer? _last;

    /// <summary>Returns the current time.</summary>
    public async ValueTask<DateTimeOffset> Now(CancellationToken cancellationToken)
    {
        if (_last is { } last && time.GetElapsedTime(last.RequestedAt) is var elapsed && elapsed < RefreshInterval)
            return last.Moment + elapsed;
        var requestedAt = time.GetTimestamp();
        var table = await storage().Leases.Inspect(time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        _last = new Answer(table.Now, requestedAt);
        return table.Now;
    }

    private sealed record Answer(DateTimeOffset Moment, long RequestedAt);
}
