using Millrace.Consuming;
using Millrace.Projecting.Replays;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Explaining;

/// <summary>
/// Creates the view of a stream at a moment. It folds the state of the stream and the documents of its events.
/// </summary>
internal sealed class EntityViewer(ConsumerHost host, ModelCatalog model, IReadOnlyList<SqlProjection> tables)
{
    private const int MaxDeadLetters = 1_000;
    private const int MaxDeadLettersOfStream = 10_000;
    private const int MaxFailures = 10;

    private readonly LiveDocuments _live = new(host);

    private EventStore Store => host.Store;

    /// <summary>Returns the view of a stream.</summary>
    public async Task<EntityView> Show(
        StreamId stream, LogMoment moment, SearchTimeBudget time, CancellationToken cancellationToken)
    {
        var (snapshot, replay) = await ReadSnapshot(stream, moment, moment.Position, time, cancellationToken)
            .ConfigureAwait(false);
        var documents = EntityDocuments.Of(Store, stream, snapshot.Models);
        await documents.Replay(moment, time, cancellationToken).ConfigureAwait(false);
        var letters = await ReadDeadLetters(stream, documents.Tracks, cancellationToken).ConfigureAwait(false);
        return await Describe(snapshot, replay, documents, letters, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Compares a stream at two moments. The comparison includes the documents that its events change at either moment.
    /// </summary>
    public async Task<EntityDifference> Compare(
        StreamId stream, LogMoment before, LogMoment after, SearchTimeBudget time, CancellationToken cancellationToken)
    {
        var (snapshotBefore, stateBefore) = await ReadSnapshot(stream, before, before.Position, time, cancellationToken)
            .ConfigureAwait(false);
        var (snapshotAfter, stateAfter) = await ReadSnapshot(stream, after, before.Position, time, cancellationToken)
            .ConfigureAwait(false);
        for (var i = 0; i < snapshotBefore.Models.Count; i++)
            snapshotAfter.Models[i].Add(snapshotBefore.Models[i].Keys);
        var documents = EntityDocuments.Of(Store, stream, snapshotAfter.Models);
        await documents.Replay(before, time, cancellationToken).ConfigureAwait(false);
        var earlier = await Describe(snapshotBefore, stateBefore, documents, letters: [], cancellationToken)
            .ConfigureAwait(false);
        var later = await documents.ContinueReplay(before, after, time, cancellationToken).ConfigureAwait(false);
        var letters = await ReadDeadLetters(stream, documents.Tracks.Concat(later.Tracks), cancellationToken)
            .ConfigureAwait(false);
        var earlierSet = OpenAt(before, letters).ToHashSet();
        var laterSet = OpenAt(after, letters).ToHashSet();
        return EntityComparison.Of(
            earlier with { DeadLetters = await ReadInFull(earlierSet, cancellationToken).ConfigureAwait(false) },
            await Describe(snapshotAfter, stateAfter, later, letters, cancellationToken).ConfigureAwait(false),
            snapshotAfter,
            isStateComplete: snapshotBefore.IsComplete && snapshotAfter.IsComplete,
            opened: await ReadInFull(laterSet.Except(earlierSet), cancellationToken).ConfigureAwait(false),
            closed: await ReadInFull(earlierSet.Except(laterSet), cancellationToken).ConfigureAwait(false));
    }

    private async Task<(StreamSnapshot Snapshot, StateReplay? Replay)> ReadSnapshot(
        StreamId stream, LogMoment moment, long earlier, SearchTimeBudget time, CancellationToken cancellationToken)
    {
        var models = new List<MatchedReadModel>();
        foreach (var versions in model.Projections.GroupBy(projection => projection.Name))
        {
            var definition = await _live.DefinitionOf(versions, cancellationToken).ConfigureAwait(false);
            // Not null, because a group is not empty.
            var collection = await _live.CollectionOf(definition!, cancellationToken).ConfigureAwait(false);
            var letters = collection is null
                ? ReadModelDeadLetters.None
                : await ReadModelDeadLetters.Load(Store, collection, cancellationToken).ConfigureAwait(false);
            models.Add(new MatchedReadModel(definition!, Store.Types, letters));
        }
        var snapshot = new StreamSnapshot(
            Store,
            stream,
            moment,
            models,
            [.. tables.Select(table => new MatchedTable(table, Store.Types))]);
        var replay = StreamSubject.Of(model, stream)?.CreateReplay(stream.Key);
        await snapshot.Read(replay, earlier, time, cancellationToken).ConfigureAwait(false);
        return (snapshot, replay);
    }

    private async Task<EntityView> Describe(
        StreamSnapshot snapshot, StateReplay? replay, EntityDocuments documents, IReadOnlyList<DeadLetter> letters,
        CancellationToken cancellationToken)
    {
        var failures = documents.Failures.Prepend(snapshot.Failures).ToList();
        var described = documents.Describe();
        return new EntityView
        {
            Stream = snapshot.Stream,
            Position = snapshot.Moment.Position,
            SearchedTo = described.Select(document => document.SearchedTo).Append(snapshot.Reached).Min(),
            Version = snapshot.Last?.Version ?? 0,
            Last = snapshot.Last,
            Aggregate = StreamSubject.Of(model, snapshot.Stream)?.Name,
            State = ValueHistory.Text(replay?.Write()),
            Documents = described,
            MoreDocuments = documents.More,
            Tables = [.. snapshot.Tables.SelectMany(table => table.Found)],
            DeadLetters = await ReadInFull(OpenAt(snapshot.Moment, letters), cancellationToken).ConfigureAwait(false),
            Removals = snapshot.Removals,
            FailureCount = failures.Sum(sample => sample.Count),
            Failures = [.. failures.SelectMany(sample => sample.First).Take(MaxFailures)],
        };
    }

    /// <summary>Returns the dead letters of the stream and of documents, at any time.</summary>
    private async ValueTask<IReadOnlyList<DeadLetter>> ReadDeadLetters(
        StreamId stream, IEnumerable<DocumentTracker> tracks, CancellationToken cancellationToken)
    {
        var query = new DeadLetterQuery { Stream = stream, IsBrief = true, Limit = MaxDeadLettersOfStream };
        var ofStream = await Store.Storage.DeadLetters.List(query, cancellationToken).ConfigureAwait(false);
        return
        [
            .. ofStream.Concat(tracks.SelectMany(track => track.DeadLetters)).DistinctBy(letter => letter.Id),
        ];
    }

    private ValueTask<IReadOnlyList<DeadLetter>> ReadInFull(
        IEnumerable<DeadLetter> letters,
        CancellationToken cancellationToken
    ) => DeadLetterSelection.Of(Store, letters, MaxDeadLetters, cancellationToken);

    /// <summary>
    /// Returns the dead letters whose events are before a moment and about which no decision existed at that moment.
    /// </summary>
    private static IEnumerable<DeadLetter> OpenAt(LogMoment moment, IReadOnlyList<DeadLetter> letters) =>
        letters.Where(letter =>
            letter.Position <= moment.Position && (letter.IsOpen || letter.DecidedAt > moment.Until));
}
