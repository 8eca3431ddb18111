namespace Millrace;

/// <summary>Information about a stream.</summary>
/// <param name="Stream">The name.</param>
/// <param name="Version">The version of the last event.</param>
/// <param name="FirstVersion">The version of the first event that can be read.</param>
/// <param name="State">Whether the stream is open, deleted or closed.</param>
public sealed record StreamInfo(StreamId Stream, long Version, long FirstVersion, StreamState State)
{
    /// <summary>Gets the number of events that can be read.</summary>
    public long Events => State == StreamState.Open ? Version - FirstVersion + 1 : 0;
}

/// <summary>The state of a stream, which defines whether it can be read and written.</summary>
public enum StreamState
{
    /// <summary>The stream can be read and written, or does not exist yet.</summary>
    Open,

    /// <summary>The stream was deleted. It cannot be read, and an append starts it again.</summary>
    Deleted,

    /// <summary>A tombstone closed the stream. It cannot be read or written.</summary>
    Closed,
}

/// <summary>The facts about a stream that are needed to decide an append.</summary>
/// <param name="Version">The version of the last event; 0 if the stream never existed.</param>
/// <param name="FirstVersion">The version of the first event that can be read; 1 initially. After a deletion it is
/// greater than <paramref name="Version"/>.</param>
/// <param name="State">Whether the stream is open, deleted or closed.</param>
public readonly record struct StreamHead(long Version, long FirstVersion, StreamState State)
{
    /// <summary>Gets the head of a stream that never existed.</summary>
    public static StreamHead None => new(0, 1, StreamState.Open);

    /// <summary>
    /// Gets the version for readers and for comparisons with expected versions; 0 if the stream is deleted or closed.
    /// </summary>
    public long VisibleVersion => State == StreamState.Open ? Version : 0;
}
