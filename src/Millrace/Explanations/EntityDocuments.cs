namespace Millrace;

/// <summary>The documents that the events of a stream are in, on their way through the log to one moment, and on to a
/// later one.</summary>
internal sealed class EntityDocuments
{
    private const int MaxCount = 200;

    private readonly EventStore _store;
    private readonly IReadOnlyList<SearchedReadModel> _models;

    private EntityDocuments(EventStore store, IReadOnlyList<SearchedReadModel> models, int more) =>
        (_store, _models, More) = (store, models, more);

    /// <summary>How many documents there are beyond these.</summary>
    public int More { get; }

    public IEnumerable<DocumentTracker> Tracks => _models.SelectMany(one => one.Tracks);

    /// <summary>What could not be read or folded.</summary>
    public IEnumerable<FailureSamples> Failures =>
        _models.Select(one => one.Failures).Concat(Tracks.Select(track => track.Failures));

    /// <summary>The first of the documents that were found, before their first events.</summary>
    /// <param name="store">The store.</param>
    /// <param name="stream">The stream, whose events were looked at.</param>
    /// <param name="models">The read models, with the keys that were found.</param>
    public static EntityDocuments Of(EventStore store, StreamId stream, IReadOnlyList<MatchedReadModel> models)
    {
        var (searched, left) = (new List<SearchedReadModel>(), MaxCount);
        foreach (var one in models.Where(one => one.Keys.Count > 0))
        {
            var tracks = one.Keys.Take(left)
                .Select(key => new DocumentTracker(one.Definition, key, history: null, one.DeadLetters)).ToList();
            left -= tracks.Count;
            searched.Add(
                new SearchedReadModel(one.Definition, store.Types, tracks, one.DeadLetters) { SourceStream = stream }
            );
        }
        return new EntityDocuments(store, searched, Math.Max(0, models.Sum(one => one.Keys.Count) - MaxCount));
    }

    /// <summary>Replays the documents up to a moment, or as far as the time allows.</summary>
    public Task Replay(LogMoment moment, SearchTimeBudget time, CancellationToken cancellationToken) =>
        Replay(from: 1, moment, time, cancellationToken);

    /// <summary>Replays the documents of the log on to a later moment, and those of streams anew: then deletions hide
    /// others.</summary>
    /// <returns>The same documents, in the same order.</returns>
    public async Task<EntityDocuments> ReplayOn(
        LogMoment before, LogMoment moment, SearchTimeBudget time, CancellationToken cancellationToken)
    {
        var later = new EntityDocuments(
            _store,
            [.. _models.Select(one => one.IsOfLog ? one : one.Recreate(_store.Types))],
            More);
        if (Tracks.All(track => track.Reached >= before.Position))
            await later.Replay(before.Position + 1, moment, time, cancellationToken).ConfigureAwait(false);
        return later;
    }

    /// <summary>The documents as they are now.</summary>
    public IReadOnlyList<EntityDocument> Describe() =>
        [
            .. Tracks.Select(track => new EntityDocument(
                track.Definition.Name, track.Key, ValueHistory.Text(track.Body), track.Last?.Position ?? 0)
            {
                SearchedTo = track.Reached,
            }),
        ];

    private async Task Replay(
        long from,
        LogMoment moment,
        SearchTimeBudget time,
        CancellationToken cancellationToken
    ) => await new DocumentEvents(_store).Replay(_models, from, moment, time, cancellationToken).ConfigureAwait(false);
}
