using Millrace.Storage;

namespace Millrace;

/// <summary>A stream whose state a command uses.</summary>
internal abstract class LoadedStream(StreamId stream, LoadedFrom from)
{
    public StreamId Stream { get; } = stream;

    public LoadedFrom From { get; } = from;

    /// <summary>Gets whether the stream was entered and must be left.</summary>
    public required bool IsHeld { get; init; }

    /// <summary>Gets or sets whether the state matches the store, so that the next command can use it.</summary>
    public bool IsCurrent { get; set; }

    /// <summary>Gets the name in error messages.</summary>
    public abstract string Name { get; }

    /// <summary>Gets the state that is cached between commands.</summary>
    public abstract object State { get; }

    /// <summary>Gets the version at which the stream was loaded.</summary>
    public abstract long Version { get; }

    public abstract IReadOnlyList<object> Raised { get; }

    protected abstract void Committed(long version);

    /// <summary>Closes the state after the command.</summary>
    public virtual void Close(ClosedCommandGuard guard)
    {
    }

    /// <summary>Returns the change that stores a snapshot, if one is due.</summary>
    public abstract ValueTask<DocumentChange?> TakeSnapshot(
        AggregateRepository repository, CancellationToken cancellationToken);

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
