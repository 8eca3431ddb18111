using Millrace.Storage;

namespace Millrace.Store;

/// <summary>Removes the old events of a stream that records a history.</summary>
internal static class OldEvents
{
    /// <summary>The number of events that are removed together.</summary>
    public const int Count = 500;

    /// <summary>
    /// Removes events before a time. Each removal is recorded in the store, so that a few events wait until there are
    /// enough.
    /// </summary>
    public static async ValueTask RemoveBefore(
        EventStore store, StreamId stream, DateTimeOffset time, string reason, CancellationToken cancellationToken)
    {
        while (true)
        {
            var query = new StreamPageQuery(stream, 1, IsBackwards: false, Limit: Count + 1);
            var page = await store.ReadPage(query, cancellationToken).ConfigureAwait(false);
            if (page.Events.Count <= Count || page.Events[Count - 1].Timestamp >= time)
                return;
            var removal = new StreamRemoval(
                stream,
                RemovalKind.Truncate,
                page.Events[Count].Version,
                ExpectedVersion.StreamExists,
                reason,
                By: null);
            await store.Commit(new CommitRequest { Removals = [removal] }, isBackground: true, cancellationToken)
                .ConfigureAwait(false);
        }
    }
}
