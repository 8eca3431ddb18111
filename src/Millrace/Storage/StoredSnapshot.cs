namespace Millrace.Storage;

/// <summary>A stored snapshot with its stream.</summary>
/// <param name="Document">The snapshot; null if it does not exist.</param>
/// <param name="Head">The head of the stream, which is never older than the snapshot. The head may be unset if there is
/// no snapshot.</param>
/// <param name="EventsAfter">The first page of the stream's events after the snapshot; null if the storage did not read
/// the events. If there is no snapshot, this is the first page of the stream. The events contain only the data that is
/// needed for folding.</param>
public readonly record struct StoredSnapshot(Document? Document, StreamHead Head, EventPage? EventsAfter);
