using Millrace.Storage;

namespace Millrace;

/// <summary>Looks at a stream at a position: folds its state and the documents that its events are in.</summary>
internal sealed class EntityViewer(ConsumerHost host, ModelCatalog model)
{
    private const int MostDocuments = 200;
    private const int MostLetters = 1_000;
    private const int MostFailures = 10;

    private readonly LiveDocuments _live = new(host);

    private EventStore Store => host.Store;

    /// <summary>Looks at a stream; documents of other views are looked at as well, so that the two can be compared.</summary>
    public async Task<EntityView> Show(
        StreamId stream, long position, IReadOnlyList<EntityDocument> more, CancellationToken cancellationToken)
    {
        var history = await StreamHistory.Read(Store, stream, position, cancellationToken).ConfigureAwait(false);
        var (failures, keys) = (new FailureNotes(), KeysOf(history.Events, more));
        var subject = StreamSubject.Of(model, stream);
        var state = subject is null ? null : StateOf(subject, stream, history.Events, failures);
        var searched = await Replay(keys, position, cancellationToken).ConfigureAwait(false);
        var tracks = searched.SelectMany(one => one.Tracks).ToList();
        var letters = await LettersOf(stream, tracks, position, history.Until, cancellationToken).ConfigureAwait(false);
        return new EntityView
        {
            Stream = stream,
            Position = position,
            Version = history.Events.Count > 0 ? history.Events[^1].Version : 0,
            Last = history.Events.Count > 0 ? history.Events[^1] : null,
            Aggregate = subject?.Name,
            State = ValueHistory.Text(state),
            Documents = [.. tracks.Select(track => new EntityDocument(
                track.Definition.Name, track.Key, ValueHistory.Text(track.Body), track.Last?.Position ?? 0))],
            MoreDocuments = Math.Max(0, keys.Sum(one => one.Value.Count) - MostDocuments),
            Letters = letters,
            Removals = [.. history.Removals.Where(one => one.Events > 0)],
            FailureCount = failures.Count + tracks.Sum(track => track.Failures.Count),
            Failures = [.. failures.First.Concat(tracks.SelectMany(track => track.Failures.First)).Take(MostFailures)],
        };
    }

    /// <summary>The documents that events change, by read model: of several versions, the newest.</summary>
    private Dictionary<ProjectionDefinition, List<string>> KeysOf(
        IReadOnlyList<RecordedEvent> events, IReadOnlyList<EntityDocument> more)
    {
        var found = new Dictionary<ProjectionDefinition, List<string>>();
        var newest = model.Projections.GroupBy(one => one.Name).Select(group => group.MaxBy(one => one.Version)!); // No group is empty.
        foreach (var definition in newest)
        {
            var (finder, keys) = (definition.CreateFinder(), new List<string>());
            var names = StoredEvents.NamesOf(Store.Types, definition.Events).ToHashSet(StringComparer.Ordinal);
            foreach (var recorded in events.Where(recorded => names.Contains(recorded.Type)))
                Collect(finder, recorded, keys);
            keys.AddRange(more.Where(one => one.ReadModel == definition.Name).Select(one => one.Key));
            if (keys.Count > 0)
                found[definition] = [.. keys.Distinct(StringComparer.Ordinal)];
        }
        return found;
    }

    private static void Collect(KeyFinder finder, RecordedEvent recorded, List<string> keys)
    {
        try
        {
            finder.Collect(recorded, keys);
        }
#pragma warning disable CA1031 // The application's own code: whatever it throws, the event's keys are not known; its dead letter tells.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    private static byte[]? StateOf(
        StreamSubject subject, StreamId stream, IReadOnlyList<RecordedEvent> events, FailureNotes failures)
    {
        var replay = subject.CreateReplay(stream.Key);
        foreach (var recorded in events)
        {
            try
            {
                replay.Fold(recorded);
            }
#pragma warning disable CA1031 // The application's own code: whatever it throws is told, and the event is left out.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failures.Add(recorded, exception);
            }
        }
        return replay.Write();
    }

    private async Task<List<SearchedModel>> Replay(
        Dictionary<ProjectionDefinition, List<string>> keys, long position, CancellationToken cancellationToken)
    {
        var (models, left) = (new List<SearchedModel>(), MostDocuments);
        foreach (var (definition, all) in keys)
        {
            var collection = await _live.CollectionOf(definition, cancellationToken).ConfigureAwait(false);
            var letters = collection is null
                ? KeyLetters.None
                : await KeyLetters.Load(Store, collection, cancellationToken).ConfigureAwait(false);
            var tracks = all.Take(left).Select(
                key => new DocumentTrack(definition, key, new ValueHistory(Store.Types, member: null, most: 0), letters)).ToList();
            left -= tracks.Count;
            models.Add(new SearchedModel(definition, Store.Types, tracks, letters));
        }
        await new DocumentEvents(Store).Replay(models, position, cancellationToken).ConfigureAwait(false);
        return models;
    }

    private async ValueTask<IReadOnlyList<DeadLetter>> LettersOf(
        StreamId stream, List<DocumentTrack> tracks, long position, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var query = new DeadLetterQuery { Stream = stream, Limit = MostLetters };
        var ofStream = await Store.Storage.DeadLetters.List(query, cancellationToken).ConfigureAwait(false);
        return [.. ofStream.Concat(tracks.SelectMany(track => track.Letters))
            .Where(letter => letter.Position <= position && (letter.IsOpen || letter.DecidedAt > until))
            .DistinctBy(letter => letter.Id)
            .OrderBy(letter => letter.Position)];
    }
}
