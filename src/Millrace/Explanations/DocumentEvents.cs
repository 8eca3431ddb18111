namespace Millrace;

/// <summary>
/// Brings events to the documents that they change: from the log, or, where documents have the key of their events' own
/// stream, from that stream alone, as far as readers of it saw it.
/// </summary>
internal sealed class DocumentEvents(EventStore store)
{
    /// <summary>Replays documents up to a moment.</summary>
    /// <returns>The position up to which they were: before the moment's where the time was over.</returns>
    public Task<long> Replay(
        IReadOnlyList<SearchedReadModel> models,
        LogMoment moment,
        SearchTimeBudget time,
        CancellationToken cancellationToken) => Replay(models, from: 1, moment, time, cancellationToken);

    /// <summary>Replays documents from a position on up to a moment; those of one stream always from its
    /// beginning.</summary>
    public async Task<long> Replay(
        IReadOnlyList<SearchedReadModel> models,
        long from,
        LogMoment moment,
        SearchTimeBudget time,
        CancellationToken cancellationToken)
    {
        var (ofLog, reached) = (models.Where(one => one.IsOfLog).ToList(), moment.Position);
        if (ofLog.Count > 0)
            reached = await new DocumentSearch(store, ofLog)
                .Run(from, moment.Position, time, cancellationToken)
                .ConfigureAwait(false);
        foreach (var track in ofLog.SelectMany(model => model.Tracks))
            track.Reached = reached;
        time.Start();
        foreach (var model in models.Except(ofLog))
        {
            foreach (var track in model.Tracks)
            {
                track.Reached = await ReplayStream(model, track, moment, time, cancellationToken).ConfigureAwait(false);
                reached = Math.Min(reached, track.Reached);
            }
        }
        return reached;
    }

    private async Task<long> ReplayStream(
        SearchedReadModel model,
        DocumentTracker track,
        LogMoment moment,
        SearchTimeBudget time,
        CancellationToken cancellationToken)
    {
        if (!StreamId.TryParse($"{model.Definition.Stream}-{track.Key}", out var stream))
            return moment.Position; // No stream has such a key.
        track.Note(stream);
        var history = await StreamHistory.Of(store, stream, moment, cancellationToken).ConfigureAwait(false);
        await foreach (var recorded in history.Read(cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (time.IsOver)
                return recorded.Position - 1;
            if (model.Wants(recorded.Type))
                track.Add(recorded);
        }
        return moment.Position;
    }
}
