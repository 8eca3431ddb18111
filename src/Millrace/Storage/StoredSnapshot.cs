namespace Millrace.Storage;

/// <summary>A snapshot as it is stored, with the stream that it is of.</summary>
/// <param name="Document">The snapshot; null when there is none.</param>
/// <param name="Head">The state of the stream, read with the snapshot or after it; need not be told where there is
/// none.</param>
/// <param name="Behind">
/// The first page of the stream's events behind the position that the snapshot reflects, or of all where there is none,
/// with as much as folding needs; null where they were not read.
/// </param>
public readonly record struct StoredSnapshot(Document? Document, StreamHead Head, EventPage? Behind);
