using Millrace.Storage;

namespace Millrace.Projecting;

/// <summary>The documents that inline projections add to one request.</summary>
/// <param name="projections">The inline projections.</param>
/// <param name="assumesNew">True to treat a stream that must not exist as one that has never existed, without reading
/// the stream. If the assumption is wrong, the commit conflicts and the next plan reads the stream.</param>
internal sealed class InlinePlan(IReadOnlyList<InlineProjection> projections, bool assumesNew)
{
    // No document has this version, so the store refuses the commit, and all documents are loaded again.
    private const long NoSuchVersion = long.MaxValue;

    private readonly Dictionary<
        (InlineProjection Projection, StreamId Stream),
        (InlineState Loaded, InlineState Folded)
    > _states = [];
    // The streams whose expected version the plan has made exact.
    private readonly HashSet<StreamId> _madeExact = [];
    private readonly HashSet<StreamId> _assumedNew = [];
    private readonly HashSet<(InlineProjection Projection, StreamId Stream)> _foldedFromOtherVersion = [];
    private DateTimeOffset _time; // The recorded time of the events, as far as it is known before the commit.

    public async ValueTask<CommitRequest> Enlist(CommitRequest request, CancellationToken cancellationToken)
    {
        _time = request.RecordedAt is { } set
            ? BatchState.TruncateToMicroseconds(set)
            : projections[0].ExpectedTime(); // A store without inline projections has no hook.
        var appends = new StreamAppend[request.Appends.Count];
        for (var i = 0; i < appends.Length; i++)
        {
            appends[i] = request.Appends[i];
            foreach (var projection in projections)
                appends[i] = await Enlist(projection, appends[i], cancellationToken).ConfigureAwait(false);
        }
        var documents = new List<DocumentChange>(request.Documents);
        foreach (var ((projection, stream), (loaded, folded)) in _states)
        {
            var change = projection.ChangeOf(stream, loaded, folded);
            documents.Add(
                _foldedFromOtherVersion.Contains((projection, stream))
                    ? change with { FromVersion = NoSuchVersion }
                    : change);
        }
        return request.WithContents(appends, documents);
    }

    /// <summary>Keeps the committed documents in memory, except documents whose version is unknown.</summary>
    public void Remember(CommitOutcome outcome)
    {
        foreach (var ((projection, stream), (_, folded)) in _states)
        {
            if (folded.HasDocument && outcome.DocumentVersion == 0)
                continue;
            projection.Remember(
                stream,
                folded with
                {
                    DocumentVersion = folded.HasDocument ? outcome.DocumentVersion : 0,
                }
            );
        }
    }

    /// <summary>
    /// Returns the changes of documents that the plan has folded wrongly, because they expired between the expected and
    /// the recorded time of the events. Their states are forgotten.
    /// </summary>
    public IReadOnlyList<DocumentChange> Correct(CommitRequest request, CommitOutcome outcome)
    {
        List<DocumentChange>? changes = null;
        foreach (var ((projection, stream), (loaded, folded)) in _states)
        {
            if (outcome.Timestamp == _time || !projection.ExpiresBetween(loaded, _time, outcome.Timestamp)
                || (folded.HasDocument && outcome.DocumentVersion == 0)
                || request.Removals.Any(removal => removal.Stream == stream))
                continue;
            projection.Forget(stream);
            var (state, position) = (loaded, 0L);
            for (var i = 0; i < request.Appends.Count; i++)
            {
                if (request.Appends[i].Stream != stream)
                    continue;
                state = projection.Fold(state, request.Appends[i], outcome.Timestamp);
                position = outcome.Placements[i].LastPosition;
            }
            var written = folded with { DocumentVersion = folded.HasDocument ? outcome.DocumentVersion : 0 };
            (changes ??= []).Add(projection.ChangeOf(stream, written, state) with { Position = position });
        }
        return changes ?? [];
    }

    public void Forget()
    {
        foreach (var (projection, stream) in _states.Keys)
            projection.Forget(stream);
    }

    /// <summary>Returns true if the added documents, and not the caller's request, caused a refusal.</summary>
    public bool IsStaleRefusal(CommitOutcome outcome) =>
        outcome.Refusal switch
        {
            DocumentConflictException conflict => projections.Any(projection =>
                projection.Collection == conflict.Collection),
            VersionConflictException conflict => _madeExact.Contains(conflict.Stream)
                || (conflict.Actual == 0 && _assumedNew.Contains(conflict.Stream)),
            _ => false,
        };

    private async ValueTask<StreamAppend> Enlist(
        InlineProjection projection, StreamAppend append, CancellationToken cancellationToken)
    {
        var key = (projection, append.Stream);
        var isRepeated = _states.TryGetValue(key, out var states);
        if (!isRepeated)
        {
            if (!append.Events.Any(encoded => projection.Wants(encoded.Type)))
                return append;
            if (!projection.Covers(append.Stream))
            {
                projection.RequireNoKey(append);
                return append;
            }
            var isAssumedNew = assumesNew && append.Expected == ExpectedVersion.NoStream;
            var loaded = isAssumedNew
                ? projection.LoadNew(append.Stream)
                : await projection.Load(append.Stream, cancellationToken).ConfigureAwait(false);
            states = (loaded, loaded);
            if (isAssumedNew)
            {
                _assumedNew.Add(append.Stream);
                append = append with { IsFirstOfStream = true };
            }
        }
        var visibleVersion = states.Folded.Head.VisibleVersion;
        _states[key] = (states.Loaded, projection.Fold(states.Folded, append, _time));
        if (isRepeated)
            return append;
        if (append.Expected.IsExact)
        {
            if (append.Expected.Version != visibleVersion)
                _foldedFromOtherVersion.Add(key);
            return append;
        }
        // If the caller set the ids, the append may be a repetition. The store detects repetitions only if the append
        // expects any version.
        if (append.Events[0].HasCallerId || !append.Expected.Accepts(visibleVersion))
            return append;
        _madeExact.Add(append.Stream);
        return append with { Expected = ExpectedVersion.AsRead(visibleVersion) };
    }
}
