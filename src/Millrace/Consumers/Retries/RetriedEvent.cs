namespace Millrace;

/// <summary>The event of a letter whose turn it is.</summary>
/// <param name="Recorded">The event, as corrected if it was.</param>
/// <param name="Original">The event as the log holds it.</param>
/// <param name="Key">The key for which it is handled; empty for all of its keys.</param>
/// <param name="Decided">What was decided for good about single keys of it; only of interest when it is handled for
/// all.</param>
internal readonly record struct RetriedEvent(
    RecordedEvent Recorded, RecordedEvent Original, string Key, DeadLetterResolutions Decided);
