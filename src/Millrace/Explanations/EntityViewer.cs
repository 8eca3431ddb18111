using Millrace.Storage;

namespace Millrace;

/// <summary>Looks at a stream at a moment: folds its state and the documents that its events are in.</summary>
internal sealed class EntityViewer(ConsumerHost host, ModelCatalog model, IReadOnlyList<SqlProjection> tables)
{
    private const int MostDocuments = 200;
    private const int MostLetters = 1_000;
    private const int MostFailures = 10;

    private readonly LiveDocuments _live = new(host);

    private EventStore Store => host.Store;

    /// <summary>Looks at a stream.</summary>
    public async Task<EntityView> Show(StreamId stream, LogMoment moment, SearchTime time, CancellationToken cancellationToken)
    {
        var (look, replay) = await Look(stream, moment, moment.Position, time, cancellationToken).ConfigureAwait(false);
        return await Tell(look, replay, time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Compares a stream at two moments, with the documents that its events are in at either.</summary>
    public async Task<EntityDifference> Compare(
        StreamId stream, LogMoment before, LogMoment after, SearchTime time, CancellationToken cancellationToken)
    {
        var (then, stateThen) = await Look(stream, before, before.Position, time, cancellationToken).ConfigureAwait(false);
        var (now, stateNow) = await Look(stream, after, before.Position, time, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < then.Models.Count; i++)
        {
            now.Models[i].Add(then.Models[i].Keys);
            then.Models[i].Add(now.Models[i].Keys);
        }
        return EntityComparison.Of(
            await Tell(then, stateThen, time, cancellationToken).ConfigureAwait(false),
            await Tell(now, stateNow, time, cancellationToken).ConfigureAwait(false),
            now);
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

    private async Task<EntityView> Tell(StreamLook look, StateReplay? replay, SearchTime time, CancellationToken cancellationToken)
    {
        var (tracks, reached) = await Replay(look, time, cancellationToken).ConfigureAwait(false);
        return new EntityView
        {
            Stream = look.Stream,
            Position = look.Moment.Position,
            SearchedTo = Math.Min(look.Reached, reached),
            Version = look.Last?.Version ?? 0,
            Last = look.Last,
            Aggregate = StreamSubject.Of(model, look.Stream)?.Name,
            State = ValueHistory.Text(replay?.Write()),
            Documents = [.. tracks.Select(track => new EntityDocument(
                track.Definition.Name, track.Key, ValueHistory.Text(track.Body), track.Last?.Position ?? 0))],
            MoreDocuments = Math.Max(0, look.Models.Sum(one => one.Keys.Count) - MostDocuments),
            Tables = [.. look.Tables.SelectMany(one => one.Found)],
            Letters = await LettersOf(look, tracks, cancellationToken).ConfigureAwait(false),
            Removals = look.Removals,
            FailureCount = look.Failures.Count + tracks.Sum(track => track.Failures.Count),
            Failures = [.. look.Failures.First.Concat(tracks.SelectMany(track => track.Failures.First)).Take(MostFailures)],
        };
    }

    private async Task<(List<DocumentTrack> Tracks, long Reached)> Replay(
        StreamLook look, SearchTime time, CancellationToken cancellationToken)
    {
        var (models, all, left) = (new List<SearchedModel>(), new List<DocumentTrack>(), MostDocuments);
        foreach (var one in look.Models.Where(one => one.Keys.Count > 0))
        {
            var tracks = one.Keys.Take(left)
                .Select(key => new DocumentTrack(one.Definition, key, history: null, one.Letters)).ToList();
            left -= tracks.Count;
            all.AddRange(tracks);
            models.Add(new SearchedModel(one.Definition, Store.Types, tracks, one.Letters));
        }
        var reached = await new DocumentEvents(Store).Replay(models, look.Moment, time, cancellationToken).ConfigureAwait(false);
        return (all, reached);
    }

    private async ValueTask<IReadOnlyList<DeadLetter>> LettersOf(
        StreamLook look, List<DocumentTrack> tracks, CancellationToken cancellationToken)
    {
        var query = new DeadLetterQuery { Stream = look.Stream, IsBrief = true, Limit = MostLetters };
        var ofStream = await Store.Storage.DeadLetters.List(query, cancellationToken).ConfigureAwait(false);
        var moment = look.Moment;
        var letters = ofStream.Concat(tracks.SelectMany(track => track.Letters))
            .Where(letter => letter.Position <= moment.Position && (letter.IsOpen || letter.DecidedAt > moment.Until))
            .DistinctBy(letter => letter.Id);
        return await ShownLetters.Of(Store, letters, MostLetters, cancellationToken).ConfigureAwait(false);
    }
}
