namespace Millrace.Consuming.Retries;

/// <summary>The event of a dead letter whose retry is due.</summary>
/// <param name="Recorded">The event to handle, with the corrected payload if there is one.</param>
/// <param name="Original">The event as stored in the log.</param>
/// <param name="Key">The key for which the event is handled. An empty key means all keys of the event.</param>
/// <param name="Decided">The final decisions about single keys of the event. They apply only if the event is handled
/// for all keys.</param>
internal readonly record struct RetriedEvent(
    RecordedEvent Recorded, RecordedEvent Original, string Key, DeadLetterResolutions Decided);
