using System.Runtime.InteropServices;

namespace Millrace.Storage;

/// <summary>
/// The facts of the store, including the effects of the requests of the batch that are already accepted.
/// </summary>
internal sealed class BatchState(ICommitFacts facts, DateTimeOffset timestamp, int requestCount)
{
    private readonly Dictionary<StreamId, StreamHead> _streams = new(requestCount);
    private Dictionary<(string Scope, string Value), string?>? _claims;
    private Dictionary<(string Scope, string Id), HandledAnswer>? _handled;
    private Dictionary<(string Collection, string Key), long>? _documents;
    private Dictionary<(string Consumer, int Partition), CheckpointFact>? _checkpoints;
    private Dictionary<(string Consumer, int Partition, long Position, string Key), DeadLetterFact>? _deadLetters;
    private List<(CommitRequest Request, AppendPlacement[] Placements)>? _accepted;
    private long? _lastDocumentVersion;

    /// <summary>Gets the later of the current time and the last time in the log.</summary>
    public DateTimeOffset Timestamp { get; } = timestamp;

    /// <summary>Gets the time of the last event, including the accepted events of the batch.</summary>
    public DateTimeOffset LastRecorded { get; private set; } = facts.LastTimestamp;

    public long LastPosition { get; private set; } = facts.LastPosition;

    public static DateTimeOffset TruncateToMicroseconds(DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    /// <summary>Returns the head of a stream after a removal.</summary>
    public static StreamHead AfterRemoval(StreamHead head, StreamRemoval removal) => removal.Kind switch
    {
        RemovalKind.Truncate => head with { FirstVersion = Math.Max(head.FirstVersion, removal.Before) },
        RemovalKind.Delete => new StreamHead(head.Version, head.Version + 1, StreamState.Deleted),
        _ => new StreamHead(head.Version, head.Version + 1, StreamState.Closed),
    };

    /// <summary>Gets the recorded time of a request.</summary>
    public DateTimeOffset TimeOf(CommitRequest request) =>
        request.RecordedAt is { } recordedAt ? TruncateToMicroseconds(recordedAt) : Timestamp;

    public StreamHead GetStream(StreamId stream) =>
        _streams.TryGetValue(stream, out var head) ? head : facts.GetStream(stream);

    public HandledAnswer? FindHandled(HandledMark mark) =>
        _handled is not null && _handled.TryGetValue((mark.Scope, mark.Id), out var answer)
            ? answer
            : facts.FindHandled(mark.Scope, mark.Id, Timestamp);

    public string? FindClaim(string scope, string value) =>
        _claims is not null && _claims.TryGetValue((scope, value), out var owner)
            ? owner
            : facts.FindClaim(scope, value);

    public long GetDocumentVersion(string collection, string key) =>
        _documents is not null && _documents.TryGetValue((collection, key), out var version)
            ? version
            : facts.GetDocumentVersion(collection, key);

    public CheckpointFact GetCheckpoint(string consumer, int partition) =>
        _checkpoints is not null && _checkpoints.TryGetValue((consumer, partition), out var fact)
            ? fact
            : facts.GetCheckpoint(consumer, partition);

    public DeadLetterFact GetDeadLetter(DeadLetter deadLetter) =>
        _deadLetters is not null
        && _deadLetters.TryGetValue(
            (deadLetter.Consumer, deadLetter.Partition, deadLetter.Position, deadLetter.Key), out var fact)
            ? fact
            : facts.GetDeadLetter(deadLetter.Consumer, deadLetter.Partition, deadLetter.Position, deadLetter.Key);

    public Guid? FindEventId(StreamId stream, long version)
    {
        foreach (var (append, placement) in AcceptedAppends())
        {
            if (append.Stream == stream && placement.FirstVersion <= version && version <= placement.LastVersion)
                return append.Events[(int)(version - placement.FirstVersion)].Id;
        }
        return facts.FindEventId(stream, version);
    }

    public long FindVersion(StreamId stream, Guid eventId)
    {
        foreach (var (append, placement) in AcceptedAppends())
        {
            for (var i = 0; append.Stream == stream && i < append.Events.Count; i++)
            {
                if (append.Events[i].Id == eventId)
                    return placement.FirstVersion + i;
            }
        }
        return facts.FindVersion(stream, eventId);
    }

    public AppendPlacement PlacementOf(StreamId stream, long firstVersion, int count) =>
        new(
            firstVersion,
            firstVersion + count - 1,
            PositionOf(stream, firstVersion),
            PositionOf(stream, firstVersion + count - 1));

    public long FindFirstMatch(EventFilter filter, long after)
    {
        var stored = facts.FindFirstMatch(filter, after);
        if (stored > 0)
            return stored;
        foreach (var (append, placement) in AcceptedAppends())
        {
            for (var i = 0; i < append.Events.Count; i++)
            {
                if (placement.FirstPosition + i > after && Matches(filter, append.Stream, append.Events[i]))
                    return placement.FirstPosition + i;
            }
        }
        return 0;
    }

    /// <summary>
    /// Applies the changes of a request. Returns the version of its documents; 0 if the request writes no document.
    /// </summary>
    public long Accept(CommitRequest request, AppendPlacement[] placements)
    {
        for (var i = 0; i < placements.Length; i++)
            AcceptAppend(request.Appends[i].Stream, placements[i]);
        if (placements.Length > 0)
        {
            (_accepted ??= new(requestCount)).Add((request, placements));
            LastRecorded = TimeOf(request);
        }
        for (var i = 0; i < request.Removals.Count; i++)
            AcceptRemoval(request.Removals[i]);
        for (var i = 0; i < request.Claims.Count; i++)
            AcceptClaim(request.Claims[i]);
        for (var i = 0; i < request.Handled.Count; i++)
            AcceptHandled(request.Handled[i]);
        if (request.Checkpoint is { } move)
            (_checkpoints ??= [])[(move.Consumer, move.Partition)] = new CheckpointFact(move.LeaseEpoch, move.To);
        for (var i = 0; i < request.DeadLetters.Count; i++)
            Accept(request.DeadLetters[i]);
        return AcceptDocuments(request.Documents);
    }

    private static bool Matches(EventFilter filter, StreamId stream, EncodedEvent encoded) =>
        filter.Matches(stream, encoded.Type, encoded.Tags, encoded.Source, encoded.CorrelationId);

    private void AcceptAppend(StreamId stream, AppendPlacement placement)
    {
        ref var head = ref CollectionsMarshal.GetValueRefOrAddDefault(_streams, stream, out var isKnown);
        var firstVersion = isKnown ? head.FirstVersion : facts.GetStream(stream).FirstVersion;
        head = new StreamHead(placement.LastVersion, firstVersion, StreamState.Open);
        LastPosition = placement.LastPosition;
    }

    private void AcceptRemoval(StreamRemoval removal) =>
        _streams[removal.Stream] = AfterRemoval(GetStream(removal.Stream), removal);

    private void AcceptHandled(HandledMark mark) =>
        (_handled ??= new(requestCount))[(mark.Scope, mark.Id)] = new HandledAnswer(mark.Answer, LastPosition);

    private void AcceptClaim(Claim claim)
    {
        if (!claim.IsRelease)
            (_claims ??= [])[(claim.Scope, claim.Value)] = claim.Owner;
        else if (FindClaim(claim.Scope, claim.Value) == claim.Owner)
            (_claims ??= [])[(claim.Scope, claim.Value)] = null;
    }

    private long AcceptDocuments(IReadOnlyList<DocumentChange> changes)
    {
        var writtenVersion = 0L;
        for (var i = 0; i < changes.Count; i++)
        {
            if (changes[i].Body is not null && writtenVersion == 0)
            {
                writtenVersion = (_lastDocumentVersion ?? facts.LastDocumentVersion) + 1;
                _lastDocumentVersion = writtenVersion;
            }
            (_documents ??= [])[(changes[i].Collection, changes[i].Key)] = changes[i].Body is null ? 0 : writtenVersion;
        }
        return writtenVersion;
    }

    private void Accept(DeadLetterChange change)
    {
        var deadLetter = change.DeadLetter;
        // A new dead letter gets its number when it is written. Until then no other change can refer to it.
        var fact = change.IsRemoval
            ? default
            : new DeadLetterFact(deadLetter.Id == 0 ? -1 : deadLetter.Id, deadLetter.Revision + 1);
        _deadLetters ??= [];
        _deadLetters[(deadLetter.Consumer, deadLetter.Partition, deadLetter.Position, deadLetter.Key)] = fact;
    }

    private long PositionOf(StreamId stream, long version)
    {
        foreach (var (append, placement) in AcceptedAppends())
        {
            if (append.Stream == stream && placement.FirstVersion <= version && version <= placement.LastVersion)
                return placement.FirstPosition + version - placement.FirstVersion;
        }
        return facts.GetPosition(stream, version);
    }

    private IEnumerable<(StreamAppend Append, AppendPlacement Placement)> AcceptedAppends()
    {
        if (_accepted is null)
            yield break;
        foreach (var (request, placements) in _accepted)
        {
            for (var i = 0; i < placements.Length; i++)
                yield return (request.Appends[i], placements[i]);
        }
    }
}
