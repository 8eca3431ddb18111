namespace Millrace.Explaining;

/// <summary>
/// Replays events into the documents that they change. The events of an asynchronous projection come from the log. A
/// document of another projection belongs to one stream. Its events come from this stream, without events that a
/// deletion hides.
/// </summary>
internal sealed class DocumentEvents(EventStore store)
{
    /// <summary>Replays documents up to a moment.</summary>
    /// <returns>The position that the replay has reached. It is lower than the position of the moment if the time limit
    /// expired.</returns>
    public Task<long> Replay(
        IReadOnlyList<SearchedReadModel> models,
        LogMoment moment,
        SearchTimeBudget time,
        CancellationToken cancellationToken) => Replay(models, earlier: null, moment, time, cancellationToken);

    /// <summary>
    /// Replays documents up to a moment, after an earlier search if there was one. A document of one stream is always
    /// replayed from the start of the stream.
    /// </summary>
    public async Task<long> Replay(
        IReadOnlyList<SearchedReadModel> models,
        EarlierSearch? earlier,
        LogMoment moment,
        SearchTimeBudget time,
        CancellationToken cancellationToken)
    {
        var fromLog = models.Where(model => model.IsReplayedFromLog).ToList();
        var reached = moment.Position;
        if (fromLog.Count > 0)
            reached = await new DocumentSearch(store, fromLog)
                .Run(earlier, moment.Position, time, cancellationToken)
                .ConfigureAwait(false);
        foreach (var track in fromLog.SelectMany(model => model.Tracks))
            track.Reached = reached;
        time.Start();
        foreach (var model in models.Except(fromLog))
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
            return moment.Position; // The key is not valid for a stream.
        track.AddStream(stream);
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
