using Millrace.Storage;

namespace Millrace;

/// <summary>
/// A stream whose state was loaded for a decision. Adds the raised events to a request, and takes over their version
/// after the commit.
/// </summary>
internal abstract class LoadedStream(StreamId stream, LoadedFrom from)
{
    public StreamId Stream { get; } = stream;

    public LoadedFrom From { get; } = from;

    /// <summary>Gets whether the cache's entry of the stream is held and must be left.</summary>
    public bool IsHeld { get; init; }

    /// <summary>Gets or sets whether the state matches the store, so that the next command can use it.</summary>
    public bool IsCurrent { get; set; }

    /// <summary>Gets the name in error messages.</summary>
    public abstract string Name { get; }

    /// <summary>Gets the state that is cached between commands.</summary>
    public abstract object State { get; }

    /// <summary>Gets the version at which the stream was loaded.</summary>
    public abstract long Version { get; }

    public abstract IReadOnlyList<object> Raised { get; }

    /// <summary>Closes the state after the command.</summary>
    public virtual void Close(ClosedCommandGuard guard)
    {
    }

    /// <summary>Takes over the version of the committed events.</summary>
    public abstract void Committed(long version);

    /// <summary>Adds the raised events to a request, at the version at which the stream was loaded, and a snapshot if
    /// one is due.</summary>
    public ValueTask AddTo(AppendRequest request, CancellationToken cancellationToken)
    {
        request.To(Stream, ExpectedVersion.AsRead(Version), Raised);
        return AddSnapshot(request, cancellationToken);
    }

    /// <summary>Adds a snapshot to a request if one is due.</summary>
    protected virtual ValueTask AddSnapshot(AppendRequest request, CancellationToken cancellationToken) => default;

    /// <summary>
    /// Takes over the version of its committed events. Returns false if the version is not known, so that the state
    /// cannot be used again.
    /// </summary>
    public bool TryCommit(AppendRequest? request, CommitOutcome? outcome)
    {
        if (request is null || outcome is null)
            return false;
        var found = -1;
        for (var i = 0; i < request.Streams.Count; i++)
        {
            if (request.Streams[i].Stream != Stream)
                continue;
            if (found >= 0)
                return false; // The handler also appended to the stream directly: the state misses those events.
            found = i;
        }
        if (found < 0 || found >= outcome.Placements.Count)
            return false;
        Committed(outcome.Placements[found].LastVersion);
        return true;
    }
}

/// <summary>The origin of a state.</summary>
internal enum LoadedFrom
{
    /// <summary>The state is new: its stream must not exist.</summary>
    Nothing,

    /// <summary>The stream was read from the store.</summary>
    Store,

    /// <summary>The state was in memory.</summary>
    Memory,
}
