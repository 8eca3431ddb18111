using Millrace.Events;

namespace Millrace.Backups;

/// <summary>
/// The events at the end of an erasure or a run of retention, which has also changed rows outside the log. A table copy
/// before such an event contains the rows as they were.
/// </summary>
internal static class RemovalEvents
{
    public static EventFilter Filter { get; } = EventFilter.OfTypes(
        ErasureEvents.CopiesRemoved,
        ErasureEvents.Confirmed,
        ErasureEvents.Stopped,
        RetentionEvents.Completed,
        RetentionEvents.Stopped);

    public static bool Contains(RecordedEvent recorded) => Filter.Types.Contains(recorded.Type);
}
