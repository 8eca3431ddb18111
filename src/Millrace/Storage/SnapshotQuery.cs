namespace Millrace.Storage;

/// <summary>A snapshot that is asked for with the stream that it is of.</summary>
/// <param name="Collection">The collection that holds it.</param>
/// <param name="Key">Its key there.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Limit">The most events to return, from 1.</param>
public readonly record struct SnapshotQuery(string Collection, string Key, StreamId Stream, int Limit);
