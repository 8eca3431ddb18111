namespace Millrace.Storage;

/// <summary>
/// What the storage's clock says: asked for now and then, with a stopwatch between. Nodes whose own clocks differ write
/// moments by it that mean the same to all of them.
/// </summary>
/// <param name="storage">The storage, which is there when it is first asked; one without a clock goes by that of the
/// node.</param>
/// <param name="time">The node's clock.</param>
internal sealed class StoreClock(Func<IStorage> storage, TimeProvider time)
{
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(30);

    private volatile Answer? _last;

    /// <summary>The moment that it is.</summary>
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
