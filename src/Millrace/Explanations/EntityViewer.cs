using Millrace.Storage;

namespace Millrace;

/// <summary>Looks at a stream at a moment: folds its state and the documents that its events are in.</summary>
internal sealed class EntityViewer(ConsumerHost host, ModelCatalog model, IReadOnlyList<SqlProjection> tables)
{
    private const int MostLetters = 1_000;
    private const int MostLettersOfStream = 10_000;
    private const int MostFailures = 10;

    private readonly LiveDocuments _live = new(host);

    private EventStore Store => host.Store;

    /// <summary>Looks at a stream.</summary>
    public async Task<EntityView> Show(StreamId stream, LogMoment moment, SearchTime time, CancellationToken cancellationToken)
    {
        var (look, replay) = await Look(stream, moment, moment.Position, time, cancellationToken).ConfigureAwait(false);
        var documents = EntityDocuments.Of(Store, stream, look.Models);
        await documents.Replay(moment, time, cancellationToken).ConfigureAwait(false);
        var letters = await LettersOf(stream, documents.Tracks, cancellationToken).ConfigureAwait(false);
        return await Tell(look, replay, documents, letters, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Compares a stream at two moments, with the documents that its events are in at either.</summary>
    public async Task<EntityDifference> Compare(
        StreamId stream, LogMoment before, LogMoment after, SearchTime time, CancellationToken cancellationToken)
    {
        var (then, stateThen) = await Look(stream, before, before.Position, time, cancellationToken).ConfigureAwait(false);
        var (now, stateNow) = await Look(stream, after, before.Position, time, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < then.Models.Count; i++)
            now.Models[i].Add(then.Models[i].Keys);
        var documents = EntityDocuments.Of(Store, stream, now.Models);
        await documents.Replay(before, time, cancellationToken).ConfigureAwait(false);
        var earlier = await Tell(then, stateThen, documents, letters: [], cancellationToken).ConfigureAwait(false);
        var later = await documents.ReplayOn(before, after, time, cancellationToken).ConfigureAwait(false);
        var letters = await LettersOf(stream, documents.Tracks.Concat(later.Tracks), cancellationToken).ConfigureAwait(false);
        var (lettersThen, lettersNow) = (At(before, letters).ToHashSet(), At(after, letters).ToHashSet());
        return EntityComparison.Of(
            earlier with { Letters = await Shown(lettersThen, cancellationToken).ConfigureAwait(false) },
            await Tell(now, stateNow, later, letters, cancellationToken).ConfigureAwait(false),
            now,
            isStateWhole: then.IsWhole && now.IsWhole,
            opened: await Shown(lettersNow.Except(lettersThen), cancellationToken).ConfigureAwait(false),
            closed: await Shown(lettersThen.Except(lettersNow), cancellationToken).ConfigureAwait(false));
    }

    private async Task<(StreamLook Look, StateReplay? Replay)> Look(
        StreamId stream, LogMoment moment, long earlier, SearchTime time, CancellationToken cancellationToken)
    {
        var models = new List<LookedModel>();
        foreach (var versions in model.Projections.GroupBy(one => one.Name))
        {
            var definition = await _live.DefinitionOf(versions, cancellationToken).ConfigureAwait(false);
            var collection = await _live.CollectionOf(definition!, cancellationToken).ConfigureAwait(false); // No group is empty.
            var letters = collection is null
                ? KeyLetters.None
                : await KeyLetters.Load(Store, collection, cancellationToken).ConfigureAwait(false);
            models.Add(new LookedModel(definition!, Store.Types, letters));
        }
        var look = new StreamLook(Store, stream, moment, models, [.. tables.Select(one => new LookedTable(one, Store.Types))]);
        var replay = StreamSubject.Of(model, stream)?.CreateReplay(stream.Key);
        await look.Read(replay, earlier, time, cancellationToken).ConfigureAwait(false);
        return (look, replay);
    }

    private async Task<EntityView> Tell(
        StreamLook look, StateReplay? replay, EntityDocuments documents, IReadOnlyList<DeadLetter> letters,
        CancellationToken cancellationToken)
    {
        var failures = documents.Failures.Prepend(look.Failures).ToList();
        var told = documents.Tell();
        return new EntityView
        {
            Stream = look.Stream,
            Position = look.Moment.Position,
            SearchedTo = told.Select(one => one.SearchedTo).Append(look.Reached).Min(),
            Version = look.Last?.Version ?? 0,
            Last = look.Last,
            Aggregate = StreamSubject.Of(model, look.Stream)?.Name,
            State = ValueHistory.Text(replay?.Write()),
            Documents = told,
            MoreDocuments = documents.More,
            Tables = [.. look.Tables.SelectMany(one => one.Found)],
            Letters = await Shown(At(look.Moment, letters), cancellationToken).ConfigureAwait(false),
            Removals = look.Removals,
            FailureCount = failures.Sum(one => one.Count),
            Failures = [.. failures.SelectMany(one => one.First).Take(MostFailures)],
        };
    }

    /// <summary>The dead letters of the stream and of documents, whenever they were.</summary>
    private async ValueTask<IReadOnlyList<DeadLetter>> LettersOf(
        StreamId stream, IEnumerable<DocumentTrack> tracks, CancellationToken cancellationToken)
    {
        var query = new DeadLetterQuery { Stream = stream, IsBrief = true, Limit = MostLettersOfStream };
        var ofStream = await Store.Storage.DeadLetters.List(query, cancellationToken).ConfigureAwait(false);
        return [.. ofStream.Concat(tracks.SelectMany(track => track.Letters)).DistinctBy(letter => letter.Id)];
    }

    private ValueTask<IReadOnlyList<DeadLetter>> Shown(IEnumerable<DeadLetter> letters, CancellationToken cancellationToken) =>
        ShownLetters.Of(Store, letters, MostLetters, cancellationToken);

    /// <summary>Those whose events lie before a moment, and that were not decided about then.</summary>
    private static IEnumerable<DeadLetter> At(LogMoment moment, IReadOnlyList<DeadLetter> letters) => letters.Where(
        letter => letter.Position <= moment.Position && (letter.IsOpen || letter.DecidedAt > moment.Until));
}
