namespace Millrace;

/// <summary>The event of a dead letter that is due.</summary>
/// <param name="Recorded">The event, with its correction if there is one.</param>
/// <param name="Original">The event as stored in the log.</param>
/// <param name="Key">The key for which it is handled; empty for all of its keys.</param>
/// <param name="Decided">The final decisions about single keys of the event; used only when it is handled for all
/// keys.</param>
internal readonly record struct RetriedEvent(
    RecordedEvent Recorded, RecordedEvent Original, string Key, DeadLetterResolutions Decided);
