namespace Millrace.Storage;

/// <summary>A stored snapshot with its stream.</summary>
/// <param name="Document">The snapshot; null if there is none.</param>
/// <param name="Head">The head of the stream, read with the snapshot or after it; may be unset if there is no
/// snapshot.</param>
/// <param name="EventsAfter">
/// The first page of the stream's events after the position that the snapshot reflects, or from the start if there is
/// no snapshot, with the data needed for folding; null if they were not read.
/// </param>
public readonly record struct StoredSnapshot(Document? Document, StreamHead Head, EventPage? EventsAfter);
