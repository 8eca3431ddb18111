using Millrace.Storage;

namespace Millrace.Tenancy.Shared;

/// <summary>
/// The times of a filter for events that a move has copied. The shared log finds events by the times of their copies,
/// so that the times of the filter are compared with the restored times.
/// </summary>
internal static class TimeRange
{
    /// <summary>Returns whether a query compares times of copied events.</summary>
    public static bool Concerns(LogPageQuery query, long copiedUntil) =>
        copiedUntil > 0
        && query.Filter is not { From: null, To: null }
        && (query.IsBackwards || query.From <= copiedUntil);

    /// <summary>Returns the query without its times.</summary>
    public static LogPageQuery Without(LogPageQuery query) =>
        query with { Filter = query.Filter with { From = null, To = null } };

    /// <summary>Removes the events outside the times of a query from a page with restored times.</summary>
    public static EventPage Apply(EventPage page, LogPageQuery query)
    {
        var (from, to) = (query.Filter.From ?? DateTimeOffset.MinValue, query.Filter.To ?? DateTimeOffset.MaxValue);
        var events = page.Events.Where(one => one.Timestamp >= from && one.Timestamp < to).ToArray();
        return page with { Events = events };
    }
}
