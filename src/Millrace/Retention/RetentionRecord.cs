using Millrace.Events;

namespace Millrace.Retention;

/// <summary>The state of a run, which its events define.</summary>
internal sealed class RetentionRecord(string id)
{
    private readonly RetentionTally _removed = new();
    private IReadOnlyList<RetentionResult>? _results;
    private DateTimeOffset? _endedAt;

    public string Id => id;

    /// <summary>Gets the version of the stream; 0 if the run does not exist.</summary>
    public long Version { get; private set; }

    public bool HasStarted { get; private set; }

    public bool IsPlanned { get; private set; }

    /// <summary>Gets whether an earlier call started the removal but did not end it.</summary>
    public bool WasInterrupted => IsPlanned && !HasEnded;

    public bool HasEnded => _endedAt is not null;

    public string By { get; private set; } = "";

    /// <summary>Gets the time at which data must have expired.</summary>
    public DateTimeOffset At { get; private set; }

    public RetentionRule? Before { get; private set; }

    /// <summary>Gets what was removed so far.</summary>
    public RetentionTally Removed => _removed;

    /// <summary>Gets the ids of the erasures that were recorded.</summary>
    public HashSet<string> Erasures { get; } = new(StringComparer.Ordinal);

    public RetentionRun Info => new()
    {
        Id = id,
        By = By,
        StartedAt = At,
        EndedAt = _endedAt,
        Results = _results ?? _removed.Results(),
        OutOfReach = RetentionPlaces.OutOfReach,
    };

    /// <summary>Gets the names of the streams from which events were removed.</summary>
    public List<string> RemovedStreams { get; } = [];

    /// <summary>Notes that this node appended an event to the run.</summary>
    public void NoteAppended() => Version++;

    public void Apply(RecordedEvent recorded, RetentionNote note)
    {
        Version = recorded.Version;
        switch (recorded.Type)
        {
            case RetentionEvents.Started:
                (HasStarted, By, At, Before) = (true, note.By ?? "", note.At ?? recorded.Timestamp, note.Before);
                break;
            case RetentionEvents.Planned:
                IsPlanned = true;
                break;
            case RetentionEvents.Archived when note is { Policy: { } policy, Archive: { } archive }:
                _removed.AddArchive(policy, archive);
                break;
            case RetentionEvents.Removed when note is { Policy: { } policy, Streams: { } streams }:
                RemovedStreams.AddRange(streams.Select(removed => removed.Stream));
                foreach (var removed in streams)
                    _removed.AddRemoved(policy, removed.Events, removed.Bytes, note.ReadModels ?? []);
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
        }
    }
}
