namespace Millrace;

/// <summary>A stream as it stands.</summary>
/// <param name="Stream">Its name.</param>
/// <param name="Version">The version of its last event.</param>
/// <param name="FirstVersion">The version of the first event that is still there to read.</param>
/// <param name="State">Whether it is open, deleted or closed.</param>
public sealed record StreamInfo(StreamId Stream, long Version, long FirstVersion, StreamState State)
{
    /// <summary>How many events can be read.</summary>
    public long Events => State == StreamState.Open ? Version - FirstVersion + 1 : 0;
}

/// <summary>Whether a stream can be read and written.</summary>
public enum StreamState
{
    /// <summary>It can be read and written, or does not exist yet.</summary>
    Open,

    /// <summary>It was deleted: it cannot be read, and an append begins it again.</summary>
    Deleted,

    /// <summary>It was closed by a tombstone: it can be neither read nor written.</summary>
    Closed,
}

/// <summary>The facts about a stream that a decision needs.</summary>
/// <param name="Version">The version of its last event; 0 when it never existed.</param>
/// <param name="FirstVersion">The version of the first event that can be read; 1 at first. After a deletion it lies
/// behind <paramref name="Version"/>.</param>
/// <param name="State">Whether it is open, deleted or closed.</param>
public readonly record struct StreamHead(long Version, long FirstVersion, StreamState State)
{
    /// <summary>A stream that never existed.</summary>
    public static StreamHead None => new(0, 1, StreamState.Open);

    /// <summary>The version that readers and expectations see: 0 when the stream is deleted.</summary>
    public long VisibleVersion => State == StreamState.Open ? Version : 0;
}
