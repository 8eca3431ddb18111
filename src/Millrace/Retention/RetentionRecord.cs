using Millrace.Events;

namespace Millrace.Retention;

/// <summary>The state of a run, which its events define.</summary>
internal sealed class RetentionRecord(string id)
{
    private readonly RetentionTally _removed = new();
    private IReadOnlyList<RetentionResult>? _results;
    private DateTimeOffset? _endedAt;
    private string? _stopReason;
    private string? _stoppedBy;

    public string Id => id;

    /// <summary>Gets the version of the stream; 0 if the run does not exist.</summary>
    public long Version { get; private set; }

    public bool HasStarted { get; private set; }

    public bool IsPlanned { get; private set; }

    /// <summary>Gets whether an earlier call started the removal but did not end it.</summary>
    public bool WasInterrupted => IsPlanned && !HasEnded;

    /// <summary>Gets whether the run was completed or stopped.</summary>
    public bool HasEnded => _endedAt is not null;

    public bool IsStopped => _stopReason is not null;

    /// <summary>Gets the position of the first event.</summary>
    public long StartPosition { get; private set; }

    public string By { get; private set; } = "";

    /// <summary>Gets the time at which data must have expired.</summary>
    public DateTimeOffset At { get; private set; }

    public RetentionRule? Before { get; private set; }

    /// <summary>Gets the policies by which the run started; null if an earlier version started it.</summary>
    public RetentionDeclaration? Declaration { get; private set; }

    /// <summary>Gets what was removed so far.</summary>
    public RetentionTally Removed => _removed;

    /// <summary>Gets the ids of the erasures that were recorded.</summary>
    public NameSet Erasures { get; } = new();

    public RetentionRun Info => new()
    {
        Id = id,
        By = By,
        StartedAt = At,
        EndedAt = _endedAt,
        StoppedBy = _stoppedBy,
        StopReason = _stopReason,
        Results = _results ?? _removed.Results(),
        OutOfReach = RetentionPlaces.OutOfReach,
    };

    /// <summary>Notes that this node appended an event to the run.</summary>
    public void NoteAppended() => Version++;

    public void Apply(RecordedEvent recorded, RetentionNote note)
    {
        Version = recorded.Version;
        switch (recorded.Type)
        {
            case RetentionEvents.Started:
                (HasStarted, By, At, Before) = (true, note.By ?? "", note.At ?? recorded.Timestamp, note.Before);
                (Declaration, StartPosition) = (note.Declaration, recorded.Position);
                break;
            case RetentionEvents.Planned:
                IsPlanned = true;
                break;
            case RetentionEvents.Archived when note is { Policy: { } policy, Archive: { } archive }:
                _removed.AddArchive(policy, archive);
                break;
            case RetentionEvents.Removed when note is { Policy: { } policy, Streams: { } streams }:
                foreach (var removed in streams)
                    _removed.AddRemoved(policy, removed.Events, removed.Bytes, note.ReadModels ?? []);
                _removed.AddRemovedOfArchive(policy, streams.Sum(removed => removed.Events));
                break;
            case RetentionEvents.Erased when note is { Policy: { } policy, Erasure: { } erasure }:
                if (!Erasures.Add(erasure))
                    break;
                if (note.Refusal is { } refusal)
                    _removed.AddKept(policy, refusal, note.Subject ?? "");
                else
                    _removed.AddErased(policy);
                break;
            case RetentionEvents.Completed:
                (_endedAt, _results) = (recorded.Timestamp, _removed.WithArchives(note.Results ?? []));
                break;
            case RetentionEvents.Stopped:
                (_endedAt, _stoppedBy, _stopReason) = (recorded.Timestamp, note.By ?? "", note.Reason ?? "");
                break;
        }
    }
}
