using Millrace.Consuming;
using Millrace.Projecting.Replays;
using Millrace.Serialization;
using Millrace.Shared.Comparisons;
using Millrace.Storage;

namespace Millrace.Explaining;

/// <summary>
/// Explains members of documents. Replays the events of one document and follows the value of the member.
/// </summary>
internal sealed class ReadModelExplainer(ConsumerHost host, ModelCatalog model)
{
    private const int MaxDeadLetters = 100;

    private readonly LiveDocuments _live = new(host);

    private EventStore Store => host.Store;

    /// <summary>
    /// Finds a projection by its name. Returns the specified version, or the version whose documents are read.
    /// </summary>
    public ValueTask<ProjectionDefinition?> Find(string name, CancellationToken cancellationToken)
    {
        var ownName = CollectionName.NameOf(name);
        var version = CollectionName.VersionOf(name);
        return _live.DefinitionOf(
            model.Projections.Where(known => known.Name == ownName && (version == 0 || known.Version == version)),
            cancellationToken);
    }

    /// <summary>
    /// Explains a path. Because the key may contain dots, the path can be split into key and member in several ways.
    /// The first split that has a document is used.
    /// </summary>
    public async Task<Explanation> Explain(
        ProjectionDefinition definition,
        IReadOnlyList<(string Key, MemberPath? Member)> splits,
        ExplanationOptions options,
        CancellationToken cancellationToken)
    {
        var stored = await ReadStored(definition, [.. splits.Select(split => split.Key)], cancellationToken)
            .ConfigureAwait(false);
        // The moment is read after the documents, so that it includes the events in the documents.
        var moment = await LogMoment.Of(Store, options.Moment, cancellationToken).ConfigureAwait(false);
        var continuation = options.Continuation is { } text ? ParseContinuation(text, definition, moment) : null;
        if (continuation is not null)
            splits = RemainingSplits(definition, splits, continuation, options);
        if (splits.FirstOrDefault(split => stored.Find(split.Key) is not null) is { Key: not null } withDocument)
        {
            // Events that the documents do not contain yet may create a document with a longer key.
            splits =
                stored.Reached >= moment.Position
                    ? [withDocument]
                    : [.. splits.TakeWhile(split => split != withDocument), withDocument];
        }
        var letters = stored.Collection is { } collection
            ? await ReadModelDeadLetters.Load(Store, collection, cancellationToken).ConfigureAwait(false)
            : ReadModelDeadLetters.None;
        var candidates = splits.Select(split =>
        {
            var mark = stored.Find(split.Key)?.Position ?? stored.Reached;
            var history = new ValueHistory(Store.Types, split.Member, options.Most) { Mark = mark };
            return (Track: new DocumentTracker(definition, split.Key, history, letters), History: history);
        }).ToList();
        var searched = new SearchedReadModel(definition, Store.Types, candidates.Select(entry => entry.Track), letters);
        var earlier = continuation is null ? null : new EarlierSearch(continuation.Position)
        {
            Document = candidates.Find(entry => IsContinuationOf(
                continuation, definition, (entry.Track.Key, entry.History.Member))).Track,
            Text = options.Continuation!, // Not null, because it was parsed.
            Ranges = continuation.Events.Ranges,
        };
        var reached = await new DocumentEvents(Store)
            .Replay(
                [searched],
                earlier,
                moment,
                new SearchTimeBudget(Store.Time, options.TimeLimit),
                cancellationToken)
            .ConfigureAwait(false);
        var (track, selected) = SelectTrack(candidates, stored, definition);
        RequireMember(selected, definition, isComplete: reached == moment.Position);
        var comparison =
            options.Moment == HistoryMoment.Now && reached == moment.Position
                ? await Compare(definition, stored, track.Key, selected, cancellationToken).ConfigureAwait(false)
                : new StoredValue(StoredValueState.NotCompared);
        var changes = selected.Changes();
        var explanation = await Describe(searched, track, selected, changes, comparison, reached, cancellationToken)
            .ConfigureAwait(false);
        return explanation with
        {
            SearchedFrom = continuation?.Position + 1 ?? 1,
            Until = moment.Position,
            FailureCount = (continuation?.Unread ?? 0) + explanation.FailureCount,
            Continuation = reached < moment.Position && searched.IsReplayedFromLog
                ? CreateContinuation(
                    searched, track, selected, reached, continuation, isOnly: splits.Count == 1).ToText()
                : null,
        };
    }

    private static SearchContinuation CreateContinuation(
        SearchedReadModel searched,
        DocumentTracker track,
        ValueHistory history,
        long reached,
        SearchContinuation? before,
        bool isOnly) =>
        new()
        {
            Value = SearchContinuation.DigestOf(
                searched.Definition.Collection, track.Key, history.Member?.Text),
            IsOnly = isOnly,
            Position = reached,
            Unread = searched.Failures.Count + (before?.Unread ?? 0),
            Events = track.Positions,
        };

    /// <summary>
    /// Returns the splits that are still possible after an earlier part of the search. If that part found events for a
    /// split, later splits are excluded.
    /// </summary>
    private static IReadOnlyList<(string Key, MemberPath? Member)> RemainingSplits(
        ProjectionDefinition definition,
        IReadOnlyList<(string Key, MemberPath? Member)> splits,
        SearchContinuation continuation,
        ExplanationOptions options)
    {
        var remaining = splits.TakeWhile(split => !IsContinuationOf(continuation, definition, split)).ToList();
        if (remaining.Count == splits.Count)
            throw SearchContinuation.InvalidText(options.Continuation!); // The continuation belongs to another value.
        var continued = splits[remaining.Count];
        return continuation.IsOnly ? [continued] : continuation.IsFound ? [.. remaining, continued] : splits;
    }

    private static bool IsContinuationOf(
        SearchContinuation continuation, ProjectionDefinition definition, (string Key, MemberPath? Member) split) =>
        SearchContinuation.DigestOf(definition.Collection, split.Key, split.Member?.Text) == continuation.Value;

    /// <summary>Parses the point at which an earlier search for a document of a projection stopped.</summary>
    private static SearchContinuation ParseContinuation(string text, ProjectionDefinition definition, LogMoment moment)
    {
        var continuation = SearchContinuation.Parse(text);
        var isOfThis = continuation.Position <= moment.Position
            && definition.Lifecycle == ProjectionLifecycle.Asynchronous;
        return isOfThis ? continuation : throw SearchContinuation.InvalidText(text);
    }

    private async ValueTask<StoredDocuments> ReadStored(
        ProjectionDefinition definition, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        if (await _live.CollectionOf(definition, cancellationToken).ConfigureAwait(false) is not { } collection)
            return new StoredDocuments(null, 0, null);
        var reached = await _live.Reached(collection, cancellationToken).ConfigureAwait(false);
        return new StoredDocuments(
            collection, reached, await _live.Find(collection, keys, cancellationToken).ConfigureAwait(false));
    }

    private async ValueTask<Explanation> Describe(
        SearchedReadModel searched,
        DocumentTracker track,
        ValueHistory history,
        IReadOnlyList<ValueChange> changes,
        StoredValue stored,
        long until,
        CancellationToken cancellationToken)
    {
        var letters = DeadLetterSelection.UpTo(until, track.Key, searched.DeadLetters);
        return new Explanation
        {
            Kind = ExplainedKind.Document,
            Name = searched.Definition.Name,
            Key = track.Key,
            Member = history.Member?.Text,
            Value = ValueHistory.Text(history.Value),
            Exists = history.Exists,
            Position = until,
            Until = until,
            Events = track.Events,
            ChangeCount = history.Count,
            Changes = changes,
            Stored = stored,
            Causes = await Provenance.CausesOf(Store, changes, cancellationToken).ConfigureAwait(false),
            Removals = await RemovalsOf(track, stored, cancellationToken).ConfigureAwait(false),
            DeadLetterCount = letters.Count,
            DeadLetters = await DeadLetterSelection
                .Of(Store, letters, MaxDeadLetters, cancellationToken)
                .ConfigureAwait(false),
            FailureCount = searched.Failures.Count + track.Failures.Count,
            Failures = [.. track.Failures.First.Concat(searched.Failures.First)],
        };
    }

    /// <summary>
    /// Returns the removals of events that the value may lack. These are the removals of its stream, or of the streams
    /// that were read. If the stored value is missing or differs, these are all removals.
    /// </summary>
    private ValueTask<IReadOnlyList<RemovalRecord>> RemovalsOf(
        DocumentTracker track, StoredValue stored, CancellationToken cancellationToken) =>
        track.Definition.Lifecycle != ProjectionLifecycle.Asynchronous && track.Streams.Count == 1
            ? Provenance.RemovalsOf(Store, track.Streams.First(), cancellationToken)
            : Provenance.RemovalsOf(
                Store,
                track.Streams,
                ofAll: stored.State == StoredValueState.Differs || track.Events == 0,
                cancellationToken);

    /// <summary>
    /// Compares a value with the documents of its version, or reports that readers use another version.
    /// </summary>
    private async ValueTask<StoredValue> Compare(
        ProjectionDefinition definition,
        StoredDocuments stored,
        string key,
        ValueHistory history,
        CancellationToken cancellationToken)
    {
        if (stored.Documents is not null)
            return Compare(history, stored.Find(key), stored.Reached) with { Collection = stored.Collection };
        if (_live.LiveOfOtherVersion(definition) is not { } other)
            return new StoredValue(StoredValueState.NotStored);
        var documents = await _live.Find(other, [key], cancellationToken).ConfigureAwait(false);
        var document = documents is [var only] ? only : null;
        var value = document is null ? null : history.ValueOf(document.Body.Span);
        return new StoredValue(StoredValueState.OtherVersion)
        {
            Collection = other,
            Value = ValueHistory.Text(value),
            Position = document?.Position ?? 0,
        };
    }

    /// <summary>
    /// Compares a stored value with the replayed value, and with the replayed value at the mark, which is the position
    /// of the stored document.
    /// </summary>
    private static StoredValue Compare(ValueHistory history, Document? document, long reached)
    {
        var value = document is null ? null : history.ValueOf(document.Body.Span);
        var isSame = history.Exists == (document is not null) && AreSame(value, history.Value);
        var wasSame = history.ExistedAtMark == (document is not null) && AreSame(value, history.AtMark);
        var state = isSame ? StoredValueState.Same
            : wasSame && history.FirstAfterMark > reached ? StoredValueState.Behind
            : StoredValueState.Differs;
        return new StoredValue(state) { Value = ValueHistory.Text(value), Position = document?.Position ?? 0 };
    }

    private static bool AreSame(byte[]? stored, byte[]? replayed) =>
        stored is null ? replayed is null : replayed is not null && replayed.AsSpan().SequenceEqual(stored);

    /// <summary>
    /// Selects one of several splits. This is the split with a document, or a split with a longer key whose document
    /// later events created. If no split has a document, this is the first split with events.
    /// </summary>
    private (DocumentTracker Track, ValueHistory History) SelectTrack(
        List<(DocumentTracker Track, ValueHistory History)> candidates,
        StoredDocuments stored,
        ProjectionDefinition definition)
    {
        // If the last split has a document, no other split has one.
        var isStored = stored.Find(candidates[^1].Track.Key) is not null;
        var first = candidates.Find(entry =>
            isStored ? entry.Track.Last?.Position > stored.Reached : entry.Track.IsFound);
        return first.Track is not null ? first : isStored ? candidates[^1] : SelectByMember(candidates, definition);
    }

    /// <summary>
    /// Selects a split if no split has events. This is the split whose member exists in the documents.
    /// </summary>
    private (DocumentTracker Track, ValueHistory History) SelectByMember(
        List<(DocumentTracker Track, ValueHistory History)> candidates,
        ProjectionDefinition definition) =>
        candidates.Find(entry =>
            entry.History.Member is { } member && SiblingNames(member, definition.DocumentType) is { Count: 0 }
        )
            is { Track: not null } likely
            ? likely
            : candidates[0];

    /// <summary>
    /// Throws if no document of the type can have a member. For an unknown type, throws if no document had the member.
    /// </summary>
    /// <exception cref="NothingToExplainException">The member does not exist.</exception>
    private void RequireMember(ValueHistory history, ProjectionDefinition definition, bool isComplete)
    {
        if (history is not { Member: { } member, WasSeen: false })
            return;
        var names = SiblingNames(member, definition.DocumentType) ?? (isComplete ? history.NamesNearby : []);
        if (names.Count > 0)
            throw new NothingToExplainException(
                $"The documents of '{definition.Name}' have no '{member}'.", member.Text, names);
    }

    /// <summary>
    /// Returns the names of the existing members at the step where a path has no member of the type. The result is
    /// empty if the path is valid, and null if the type is unknown.
    /// </summary>
    private IReadOnlyList<string>? SiblingNames(MemberPath member, Type type)
    {
        foreach (var (name, _) in member.Steps)
        {
            if (model.Describe(Nullable.GetUnderlyingType(type) ?? type) is not { } described)
                return null;
            if (described.Form is TypeForm.List or TypeForm.Map && described.Inner is { } inner)
            {
                type = inner;
                continue;
            }
            if (described.Form != TypeForm.Object || name is null)
                return null;
            if (described.Members.FirstOrDefault(known => known.Name == name) is not { } found)
                return [.. described.Members.Select(known => known.Name)];
            type = found.Type;
        }
        return [];
    }

    /// <summary>The stored documents of some keys. The documents are null if no document is stored.</summary>
    private sealed record StoredDocuments(string? Collection, long Reached, IReadOnlyList<Document>? Documents)
    {
        public Document? Find(string key) => Documents?.FirstOrDefault(document => document.Key == key);
    }
}
