namespace Millrace;

/// <summary>The current status of a stream.</summary>
/// <param name="Stream">The name.</param>
/// <param name="Version">The version of the last event.</param>
/// <param name="FirstVersion">The version of the first event that can still be read.</param>
/// <param name="State">Whether the stream is open, deleted or closed.</param>
public sealed record StreamInfo(StreamId Stream, long Version, long FirstVersion, StreamState State)
{
    /// <summary>Gets the number of events that can be read.</summary>
    public long Events => State == StreamState.Open ? Version - FirstVersion + 1 : 0;
}

/// <summary>Defines whether a stream can be read and written.</summary>
public enum StreamState
{
    /// <summary>The stream can be read and written, or does not exist yet.</summary>
    Open,

    /// <summary>The stream was deleted: it cannot be read, and an append starts it again.</summary>
    Deleted,

    /// <summary>The stream was closed by a tombstone: it can be neither read nor written.</summary>
    Closed,
}

/// <summary>The facts about a stream that a decision needs.</summary>
/// <param name="Version">The version of the last event; 0 if the stream never existed.</param>
/// <param name="FirstVersion">The version of the first event that can be read; 1 initially. After a deletion it is
/// greater than <paramref name="Version"/>.</param>
/// <param name="State">Whether the stream is open, deleted or closed.</param>
public readonly record struct StreamHead(long Version, long FirstVersion, StreamState State)
{
    /// <summary>Gets the head of a stream that never existed.</summary>
    public static StreamHead None => new(0, 1, StreamState.Open);

    /// <summary>Gets the version that readers and expected versions see: 0 if the stream is deleted.</summary>
    public long VisibleVersion => State == StreamState.Open ? Version : 0;
}
