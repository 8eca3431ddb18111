using Millrace.Storage;

namespace Millrace.Testing.Conformance.Scheduling;

/// <summary>
/// A simple reference implementation of a store. It applies requests one by one and stores all data in lists.
/// </summary>
internal sealed class StoreModel
{
    public List<ModelEvent> Log { get; } = [];

    public Dictionary<StreamId, ModelStream> Streams { get; } = [];

    public Dictionary<(string Scope, string Value), string> Claims { get; } = [];

    public Dictionary<(string Scope, string Id), (HandledMark Mark, long Position)> Handled { get; } = [];

    public SortedDictionary<string, (Document Document, IReadOnlyList<FieldValue> Fields)> Documents { get; } =
        new(StringComparer.Ordinal);

    public Dictionary<int, (string? Holder, long Epoch, DateTimeOffset Until, long? Checkpoint)> Partitions { get; } =
    [];

    public List<RemovalRecord> Removals { get; } = [];

    /// <summary>Gets the greatest version assigned to a document.</summary>
    public long LastDocumentVersion { get; private set; }

    /// <summary>Applies a request and returns its expected outcome.</summary>
    /// <param name="request">The request.</param>
    /// <param name="now">The time of the writer's clock.</param>
    /// <param name="documentVersion">The version that the storage assigned to the documents, which must be greater than
    /// all earlier versions.</param>
    public ExpectedOutcome Apply(CommitRequest request, DateTimeOffset now, long documentVersion)
    {
        var time = TimeAt(now);
        foreach (var mark in request.Handled)
        {
            var isKnown = Handled.TryGetValue((mark.Scope, mark.Id), out var known) && known.Mark.Until > time;
            if (isKnown && !(mark.Replaces is { } replaced && replaced.Span.SequenceEqual(known.Mark.Answer.Span)))
                return new ExpectedOutcome(CommitResult.HandledBefore, null, known.Position);
        }
        var placements = new List<AppendPlacement>();
        var outcome = PlaceAppends(request.Appends, placements) ?? CheckOtherParts(request);
        if (outcome is not null)
            return outcome;
        var version = request.Documents.Any(change => change.Body is not null)
            ? Math.Max(documentVersion, LastDocumentVersion + 1)
            : 0;
        Write(request, time, version);
        return new ExpectedOutcome(CommitResult.Committed, null, Log.Count, [.. placements])
        {
            DocumentVersion = version,
        };
    }

    public void Acquire(int partition, string holder, TimeSpan duration, DateTimeOffset now)
    {
        if (partition != 0 && !Partitions.ContainsKey(partition))
            return;
        var row = Partitions.GetValueOrDefault(partition);
        if (row.Holder == holder)
            Partitions[partition] = row with { Until = now + duration };
        else if (row.Holder is null || row.Until <= now)
            Partitions[partition] = (holder, row.Epoch + 1, now + duration, row.Checkpoint);
    }

    public void Release(int partition, long epoch)
    {
        if (Partitions.TryGetValue(partition, out var row) && row.Epoch == epoch)
            Partitions[partition] = row with { Holder = null };
    }

    public void Reset(long checkpoint)
    {
        Partitions.TryAdd(0, default);
        foreach (var (partition, row) in Partitions.ToList())
            Partitions[partition] = row with { Holder = null, Epoch = row.Epoch + 1, Checkpoint = checkpoint };
    }

    public bool Divide(int partitions)
    {
        Partitions.TryAdd(0, default);
        var oldCount = Partitions.Count;
        if (oldCount == partitions)
            return true;
        if (partitions % oldCount != 0 && Partitions.Values.Select(row => row.Checkpoint).Distinct().Count() > 1)
            return false;
        var epoch = Partitions.Values.Max(row => row.Epoch) + 1;
        var checkpoints = Partitions.ToDictionary(row => row.Key, row => row.Value.Checkpoint);
        for (var i = 0; i < Math.Max(oldCount, partitions); i++)
        {
            Partitions[i] = (null, epoch, Partitions.GetValueOrDefault(i).Until, checkpoints[i % oldCount]);
            if (i >= partitions)
                Partitions.Remove(i);
        }
        return true;
    }

    private DateTimeOffset TimeAt(DateTimeOffset now)
    {
        var exact = new DateTimeOffset(now.UtcTicks / 10 * 10, TimeSpan.Zero);
        return Log.Count > 0 && Log[^1].Timestamp > exact ? Log[^1].Timestamp : exact;
    }

    private ModelStream StreamOf(StreamId stream) => Streams.GetValueOrDefault(stream) ?? new ModelStream();

    private ExpectedOutcome? PlaceAppends(IReadOnlyList<StreamAppend> appends, List<AppendPlacement> placements)
    {
        var position = (long)Log.Count;
        var repeated = 0;
        foreach (var append in appends)
        {
            var stream = StreamOf(append.Stream);
            if (stream.State == StreamState.Closed)
                return ExpectedOutcome.Refused<StreamDeletedException>();
            var accepts = append.Expected.Accepts(stream.VisibleVersion);
            var (first, isPartly) =
                !accepts || (!append.Expected.IsExact && append.Events[0].HasCallerId) ? stream.Find(append) : default;
            if (isPartly)
                return ExpectedOutcome.Refused<EventIdConflictException>();
            if (first == 0 && !accepts)
                return ExpectedOutcome.Refused<VersionConflictException>();
            var last = (first == 0 ? stream.Version + 1 : first) + append.Events.Count - 1;
            if (first == 0)
            {
                placements.Add(new(stream.Version + 1, last, position + 1, position + append.Events.Count));
                position += append.Events.Count;
                continue;
            }
            repeated++;
            placements.Add(
                new(first, last, stream.Events[(int)first - 1].Position, stream.Events[(int)last - 1].Position));
        }
        if (repeated == 0)
            return null;
        return repeated == appends.Count
            ? new ExpectedOutcome(CommitResult.Repeated, null, placements.Max(one => one.LastPosition), [.. placements])
            : ExpectedOutcome.Refused<EventIdConflictException>();
    }

    private ExpectedOutcome? CheckOtherParts(CommitRequest request)
    {
        if (request.Conditions.Any(condition =>
                Log.Any(one => !one.IsRemoved && one.Position > condition.After && one.Matches(condition.Filter))))
            return ExpectedOutcome.Refused<ConditionFailedException>();
        if (request.Claims.Any(claim =>
                !claim.IsRelease && Claims.GetValueOrDefault((claim.Scope, claim.Value), claim.Owner) != claim.Owner))
            return ExpectedOutcome.Refused<ClaimTakenException>();
        if (request.Documents.Any(change => change.FromVersion is { } from && from != VersionOf(change.Key)))
            return ExpectedOutcome.Refused<DocumentConflictException>();
        foreach (var removal in request.Removals)
        {
            if (CheckRemoval(removal, HeadAfterAppends(request, removal.Stream)) is { } refused)
                return refused;
        }
        if (request.Checkpoint is not { } move)
            return null;
        var row = Partitions.GetValueOrDefault(move.Partition);
        return row.Epoch == move.LeaseEpoch && row.Checkpoint == move.From
            ? null
            : ExpectedOutcome.Refused<LeaseLostException>();
    }

    private StreamHead HeadAfterAppends(CommitRequest request, StreamId stream)
    {
        var head = StreamOf(stream).Head;
        var events = request.Appends.Where(append => append.Stream == stream).Sum(append => append.Events.Count);
        return events == 0 ? head : head with { Version = head.Version + events, State = StreamState.Open };
    }

    private static ExpectedOutcome? CheckRemoval(StreamRemoval removal, StreamHead stream)
    {
        if (stream.State == StreamState.Closed)
            return ExpectedOutcome.Refused<StreamDeletedException>();
        if (!removal.Expected.Accepts(stream.VisibleVersion))
            return ExpectedOutcome.Refused<VersionConflictException>();
        if (stream.Version == 0 || (stream.State == StreamState.Deleted && removal.Kind != RemovalKind.Tombstone))
            return ExpectedOutcome.Refused<StreamNotFoundException>();
        var isBeyond = removal.Kind == RemovalKind.Truncate && removal.Before > stream.Version;
        return isBeyond ? ExpectedOutcome.Refused<LimitExceededException>() : null;
    }

    private long VersionOf(string key) => Documents.TryGetValue(key, out var row) ? row.Document.Version : 0;

    private void Write(CommitRequest request, DateTimeOffset time, long documentVersion)
    {
        foreach (var append in request.Appends)
            Append(append, time);
        foreach (var removal in request.Removals)
            Remove(removal, Streams[removal.Stream], time);
        foreach (var claim in request.Claims)
            Apply(claim);
        foreach (var change in request.Documents)
            Apply(change, documentVersion);
        foreach (var mark in request.Handled)
            Handled[(mark.Scope, mark.Id)] = (mark, Log.Count);
        if (request.Checkpoint is { } move)
            Partitions[move.Partition] = Partitions.GetValueOrDefault(move.Partition) with { Checkpoint = move.To };
    }

    private void Append(StreamAppend append, DateTimeOffset time)
    {
        var stream = StreamOf(append.Stream);
        Streams[append.Stream] = stream;
        stream.State = StreamState.Open;
        foreach (var encoded in append.Events)
        {
            var one = new ModelEvent(append.Stream, stream.Version + 1, Log.Count + 1, time, encoded);
            stream.Events.Add(one);
            Log.Add(one);
        }
    }

    private void Remove(StreamRemoval removal, ModelStream stream, DateTimeOffset time)
    {
        var lastVersion = removal.Kind == RemovalKind.Truncate ? removal.Before - 1 : stream.Version - 1;
        var removed =
            removal.Kind == RemovalKind.Delete
                ? []
                : stream.Events.Where(one => one.Version <= lastVersion && !one.IsRemoved).ToList();
        if (removal.Kind == RemovalKind.Truncate && removed.Count == 0)
            return;
        removed.ForEach(one => one.IsRemoved = true);
        var (from, to) = removal.Kind == RemovalKind.Delete
            ? (stream.FirstVersion, stream.Version)
            : (removed.Count == 0 ? lastVersion + 1 : removed[0].Version, lastVersion);
        if (removal.Kind == RemovalKind.Truncate)
            stream.FirstVersion = Math.Max(stream.FirstVersion, removal.Before);
        else
        {
            stream.State = removal.Kind == RemovalKind.Delete ? StreamState.Deleted : StreamState.Closed;
            stream.FirstVersion = stream.Version + 1;
        }
        Removals.Add(
            new RemovalRecord(removal.Stream, removal.Kind, from, to, removed.Count, removal.Reason, removal.By, time));
    }

    private void Apply(Claim claim)
    {
        if (!claim.IsRelease)
            Claims[(claim.Scope, claim.Value)] = claim.Owner;
        else if (Claims.GetValueOrDefault((claim.Scope, claim.Value)) == claim.Owner)
            Claims.Remove((claim.Scope, claim.Value));
    }

    private void Apply(DocumentChange change, long version)
    {
        var position = change.Position == 0 ? Log.Count : change.Position;
        if (change.Body is { } body)
            Documents[change.Key] = (new Document(change.Key, version, position, body), change.Fields);
        else
            Documents.Remove(change.Key);
        LastDocumentVersion = Math.Max(LastDocumentVersion, version);
    }
}
