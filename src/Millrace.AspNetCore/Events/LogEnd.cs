using Millrace.Storage;

namespace Millrace.AspNetCore.Events;

/// <summary>Reads the end of the log.</summary>
internal static class LogEnd
{
    /// <summary>Returns the position of the last event that can be read; 0 without events.</summary>
    public static async ValueTask<long> Read(EventStore store, CancellationToken cancellationToken)
    {
        var query = new LogPageQuery(EventFilter.All, long.MaxValue, IsBackwards: true, Limit: 1) { IsBrief = true };
        var page = await store.ReadPage(query, cancellationToken).ConfigureAwait(false);
        return page.Events is [var last, ..] ? last.Position : 0;
    }
}
