namespace Millrace.Storage;

/// <summary>A query for a snapshot, the head of its stream and the events after the snapshot.</summary>
/// <param name="Collection">The collection of the snapshot.</param>
/// <param name="Key">The key in the collection.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Limit">The maximum number of events, at least 1.</param>
public readonly record struct SnapshotQuery(string Collection, string Key, StreamId Stream, int Limit);
