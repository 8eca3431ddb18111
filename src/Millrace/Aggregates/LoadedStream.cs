using Millrace.Storage;

namespace Millrace.Aggregates;

/// <summary>
/// A stream whose state was loaded for a decision. It adds the raised events to a request, and sets its version to the
/// last committed event after the commit.
/// </summary>
internal abstract class LoadedStream(StreamId stream, LoadedFrom from)
{
    public StreamId Stream { get; } = stream;

    public LoadedFrom From { get; } = from;

    /// <summary>Gets whether the command holds the stream's entry in the cache and must leave it.</summary>
    public bool IsHeld { get; init; }

    /// <summary>Gets or sets whether the state matches the store, so that the next command can use it.</summary>
    public bool IsCurrent { get; set; }

    /// <summary>Gets the name in error messages.</summary>
    public abstract string Name { get; }

    /// <summary>Gets the state that the cache keeps between commands.</summary>
    public abstract object State { get; }

    /// <summary>Gets the version at which the stream was loaded.</summary>
    public abstract long Version { get; }

    public abstract IReadOnlyList<object> Raised { get; }

    /// <summary>Closes the state after the command.</summary>
    public virtual void Close(ClosedCommandGuard guard)
    {
    }

    /// <summary>Sets the version after the raised events are committed.</summary>
    public abstract void Committed(long version);

    /// <summary>
    /// Adds the raised events to a request. The expected version is the version at which the stream was loaded. Also
    /// adds a snapshot if a snapshot is due.
    /// </summary>
    public ValueTask AddTo(AppendRequest request, CancellationToken cancellationToken)
    {
        request.To(Stream, ExpectedVersion.AsRead(Version), Raised);
        return AddSnapshot(request, cancellationToken);
    }

    /// <summary>Adds a snapshot to a request if a snapshot is due.</summary>
    protected virtual ValueTask AddSnapshot(AppendRequest request, CancellationToken cancellationToken) => default;

    /// <summary>
    /// Sets the version after the request was committed. Returns false if the version is unknown, so that the state
    /// cannot be used again.
    /// </summary>
    public bool TryRecordCommit(AppendRequest? request, CommitOutcome? outcome)
    {
        if (request is null || outcome is null)
            return false;
        var found = -1;
        for (var i = 0; i < request.Streams.Count; i++)
        {
            if (request.Streams[i].Stream != Stream)
                continue;
            if (found >= 0)
                return false; // The state lacks events that the handler appended directly.
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
    /// <summary>The state is new, and its stream must not exist.</summary>
    Nothing,

    /// <summary>The stream was read from the store.</summary>
    Store,

    /// <summary>The state was taken from the cache.</summary>
    Memory,
}
