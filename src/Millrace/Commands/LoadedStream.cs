using Millrace.Storage;

namespace Millrace;

/// <summary>A stream whose state a command works on.</summary>
internal abstract class LoadedStream(StreamId stream, LoadedFrom from)
{
    public StreamId Stream { get; } = stream;

    public LoadedFrom From { get; } = from;

    /// <summary>Whether the stream was entered, and must be left.</summary>
    public required bool IsHeld { get; init; }

    /// <summary>Whether the state is as the store has it, so that the next command can use it.</summary>
    public bool IsGood { get; set; }

    /// <summary>What it is called in errors.</summary>
    public abstract string Name { get; }

    /// <summary>What is kept in memory between commands.</summary>
    public abstract object State { get; }

    /// <summary>The version it was loaded at.</summary>
    public abstract long Version { get; }

    public abstract IReadOnlyList<object> Raised { get; }

    protected abstract void Committed(long version);

    /// <summary>Ends the command's work on the state.</summary>
    public virtual void Close(ClosedCommandGuard late)
    {
    }

    /// <summary>The change that keeps a snapshot of it, when one is due.</summary>
    public abstract ValueTask<DocumentChange?> TakeSnapshot(
        AggregateRepository repository, CancellationToken cancellationToken);

    /// <summary>
    /// Takes over the version its events were given; false when that is not known, so that the state cannot be used
    /// again.
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
                return false; // The handler also appended to the stream itself: the state misses that.
            found = i;
        }
        if (found < 0 || found >= outcome.Placements.Count)
            return false;
        Committed(outcome.Placements[found].LastVersion);
        return true;
    }
}

/// <summary>Where state came from.</summary>
internal enum LoadedFrom
{
    /// <summary>It begins: its stream must not exist.</summary>
    Nothing,

    /// <summary>Its stream was read.</summary>
    Store,

    /// <summary>It was in memory.</summary>
    Memory,
}
