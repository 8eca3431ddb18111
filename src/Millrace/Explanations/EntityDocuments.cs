namespace Millrace;

/// <summary>The documents that the events of a stream are in, on their way through the log to one moment, and on to a later one.</summary>
internal sealed class EntityDocuments
{
    private const int Most = 200;

    private readonly EventStore _store;
    private readonly IReadOnlyList<SearchedModel> _models;

    private EntityDocuments(EventStore store, IReadOnlyList<SearchedModel> models, int more) =>
        (_store, _models, More) = (store, models, more);

    /// <summary>How many documents there are beyond these.</summary>
    public int More { get; }

    public IEnumerable<DocumentTrack> Tracks => _models.SelectMany(one => one.Tracks);

    /// <summary>What could not be read or folded.</summary>
    public IEnumerable<FailureNotes> Failures => _models.Select(one => one.Failures).Concat(Tracks.Select(track => track.Failures));

    /// <summary>The first of the documents that were found, before their first events.</summary>
    /// <param name="store">The store.</param>
    /// <param name="stream">The stream, whose events were looked at.</param>
    /// <param name="models">The read models, with the keys that were found.</param>
    public static EntityDocuments Of(EventStore store, StreamId stream, IReadOnlyList<LookedModel> models)
    {
        var (searched, left) = (new List<SearchedModel>(), Most);
        foreach (var one in models.Where(one => one.Keys.Count > 0))
        {
            var tracks = one.Keys.Take(left)
                .Select(key => new DocumentTrack(one.Definition, key, history: null, one.Letters)).ToList();
            left -= tracks.Count;
            searched.Add(new SearchedModel(one.Definition, store.Types, tracks, one.Letters) { LookedAt = stream });
        }
        return new EntityDocuments(store, searched, Math.Max(0, models.Sum(one => one.Keys.Count) - Most));
    }

    /// <summary>Replays the documents up to a moment, or as far as the time allows.</summary>
    public Task Replay(LogMoment moment, SearchTime time, CancellationToken cancellationToken) =>
        Replay(from: 1, moment, time, cancellationToken);

    /// <summary>Replays the documents of the log on to a later moment, and those of streams anew: then deletions hide others.</summary>
    /// <returns>The same documents, in the same order.</returns>
    public async Task<EntityDocuments> ReplayOn(
        LogMoment before, LogMoment moment, SearchTime time, CancellationToken cancellationToken)
    {
        var later = new EntityDocuments(_store, [.. _models.Select(one => one.IsOfLog ? one : one.Anew(_store.Types))], More);
        if (Tracks.All(track => track.Reached >= before.Position))
            await later.Replay(before.Position + 1, moment, time, cancellationToken).ConfigureAwait(false);
        return later;
    }

    /// <summary>The documents as they are now.</summary>
    public IReadOnlyList<EntityDocument> Tell() =>
    [
        .. Tracks.Select(track => new EntityDocument(
            track.Definition.Name, track.Key, ValueHistory.Text(track.Body), track.Last?.Position ?? 0) { SearchedTo = track.Reached }),
    ];

    private async Task Replay(long from, LogMoment moment, SearchTime time, CancellationToken cancellationToken) =>
        await new DocumentEvents(_store).Replay(_models, from, moment, time, cancellationToken).ConfigureAwait(false);
}
