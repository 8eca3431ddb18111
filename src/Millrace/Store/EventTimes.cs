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
        return await Read(store.Storage.Log, position, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns the time of the last event up to a position, also of another tenant in the same log. All later events
    /// are recorded at this time or later. Null if there is none.
    /// </summary>
    public static async ValueTask<DateTimeOffset?> FindInLog(
        EventStore store, long position, CancellationToken cancellationToken) =>
        position > 0 && store.Stored.Storage.Log is ISharedLogPart part
            ? await Read(part.SharedLog, position, cancellationToken).ConfigureAwait(false)
            : await Find(store, position, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Returns whether events can follow a position up to the end of the log. In a log that tenants share, events of
    /// other tenants do not count.
    /// </summary>
    public static async ValueTask<bool> HasOwnBetween(
        EventStore store, long position, long head, CancellationToken cancellationToken)
    {
        if (position >= head || store.Stored.Storage.Log is not ISharedLogPart)
            return position < head;
        var query = new LogPageQuery(EventFilter.All, position + 1, IsBackwards: false, Limit: 1) { IsBrief = true };
        while (true)
        {
            var page = await store.Storage.Log.ReadLog(query, cancellationToken).ConfigureAwait(false);
            if (page.Events.Count > 0)
                return true;
            if (page.IsEnd || page.Next > head)
                return false;
            query = query with { From = page.Next }; // A page also ends after many events of others.
        }
    }

    private static async ValueTask<DateTimeOffset?> Read(
        ILogStorage log, long position, CancellationToken cancellationToken)
    {
        var query = new LogPageQuery(EventFilter.All, position, IsBackwards: true, Limit: 1) { IsBrief = true };
        var page = await log.ReadLog(query, cancellationToken).ConfigureAwait(false);
        return page.Events is [var last] ? last.Timestamp : null;
    }
}
