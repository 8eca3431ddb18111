using Millrace.Storage;

namespace Millrace.Store;

/// <summary>Finds when events were recorded.</summary>
internal static class EventTimes
{
    /// <summary>Returns the time of the last event up to a position; null if there is none.</summary>
    public static async ValueTask<DateTimeOffset?> Find(
        EventStore store, long position, CancellationToken cancellationToken)
    {
        if (position == 0)
            return null;
        if (store.Tail.RecordedAt(position) is { } recent)
            return recent;
        var query = new LogPageQuery(EventFilter.All, position, IsBackwards: true, Limit: 1) { IsBrief = true };
        var page = await store.Storage.Log.ReadLog(query, cancellationToken).ConfigureAwait(false);
        return page.Events is [var last] ? last.Timestamp : null;
    }
}
