namespace Millrace.Explaining;

/// <summary>The documents that a stream's events change. Replays them to a moment, and then to a later one.</summary>
internal sealed class EntityDocuments
{
    private const int MaxCount = 200;

    private readonly EventStore _store;
    private readonly IReadOnlyList<SearchedReadModel> _models;

    private EntityDocuments(EventStore store, IReadOnlyList<SearchedReadModel> models, int more) =>
        (_store, _models, More) = (store, models, more);

    /// <summary>Gets the number of further documents.</summary>
    public int More { get; }

    public IEnumerable<DocumentTracker> Tracks => _models.SelectMany(model => model.Tracks);

    /// <summary>Gets the events that could not be read or folded.</summary>
    public IEnumerable<FailureSamples> Failures =>
        _models.Select(model => model.Failures).Concat(Tracks.Select(track => track.Failures));

    /// <summary>Creates trackers for the documents that were found, up to the maximum number.</summary>
    /// <param name="store">The store.</param>
    /// <param name="stream">The stream whose events were examined.</param>
    /// <param name="models">The read models with their keys.</param>
    public static EntityDocuments Of(EventStore store, StreamId stream, IReadOnlyList<MatchedReadModel> models)
    {
        var searched = new List<SearchedReadModel>();
        var remaining = MaxCount;
        foreach (var model in models.Where(model => model.Keys.Count > 0))
        {
            var tracks = model.Keys.Take(remaining)
                .Select(key => new DocumentTracker(model.Definition, key, history: null, model.DeadLetters)).ToList();
            remaining -= tracks.Count;
            searched.Add(
                new SearchedReadModel(model.Definition, store.Types, tracks, model.DeadLetters)
                {
                    SourceStream = stream,
                }
            );
        }
        return new EntityDocuments(store, searched, Math.Max(0, models.Sum(model => model.Keys.Count) - MaxCount));
    }

    /// <summary>Replays the documents up to a moment. Stops at the time limit.</summary>
    public Task Replay(LogMoment moment, SearchTimeBudget time, CancellationToken cancellationToken) =>
        Replay(from: 1, moment, time, cancellationToken);

    /// <summary>
    /// Continues the replay to a later moment, unless the earlier moment was not reached in time. Documents that belong
    /// to one stream are replayed from the start, because later deletions may hide other events.
    /// </summary>
    /// <returns>The same documents, in the same order.</returns>
    public async Task<EntityDocuments> ContinueReplay(
        LogMoment before, LogMoment moment, SearchTimeBudget time, CancellationToken cancellationToken)
    {
        var later = new EntityDocuments(
            _store,
            [.. _models.Select(model => model.IsReplayedFromLog ? model : model.Recreate(_store.Types))],
            More);
        if (Tracks.All(track => track.Reached >= before.Position))
            await later.Replay(before.Position + 1, moment, time, cancellationToken).ConfigureAwait(false);
        return later;
    }

    /// <summary>Returns the current documents.</summary>
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
    ) => await new DocumentEvents(_store)
        .Replay(_models, new EarlierSearch(from - 1), moment, time, cancellationToken)
        .ConfigureAwait(false);
}
