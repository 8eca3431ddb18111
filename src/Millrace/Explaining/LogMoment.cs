using Millrace.Storage;

namespace Millrace.Explaining;

/// <summary>
/// A moment of the history. A position limits the events, and a time limits the deletions and decisions.
/// </summary>
/// <param name="Position">The last position of included events.</param>
/// <param name="Until">The last time of included deletions and decisions.</param>
/// <param name="Last">The last event if a position specifies the moment; otherwise null.</param>
internal readonly record struct LogMoment(long Position, DateTimeOffset Until, RecordedEvent? Last = null)
{
    /// <summary>Finds a moment in the log.</summary>
    public static async ValueTask<LogMoment> Of(
        EventStore store, HistoryMoment moment, CancellationToken cancellationToken)
    {
        if (moment.Time is { } time)
            return new LogMoment(
                await Explanations.PositionAt(store, time, cancellationToken).ConfigureAwait(false), time);
        var head = (await store.Storage.Log.GetHead(cancellationToken).ConfigureAwait(false)).Position;
        if (moment.Position is not { } requested)
            return new LogMoment(head, DateTimeOffset.MaxValue);
        var query = new LogPageQuery(EventFilter.All, requested, IsBackwards: true, 1);
        var page = await store.ReadPage(query, cancellationToken).ConfigureAwait(false);
        var last = page.Events.Count > 0 ? page.Events[0] : null;
        return new LogMoment(Math.Min(requested, head), last?.Timestamp ?? DateTimeOffset.MinValue, last);
    }

    /// <summary>Returns true if a removal happened before this moment, but not if it removed the last event.</summary>
    public bool IsAfter(RemovalRecord removal) =>
        removal.At <= Until
        && !(
            Last is { } last
            && last.Stream == removal.Stream
            && last.Position <= Position
            && last.Version <= removal.ToVersion);
}
