namespace Millrace;

/// <summary>
/// Brings events to the documents that they change: from the log, or, where documents have the key of their events' own stream, from
/// that stream alone, as far as readers of it saw it.
/// </summary>
internal sealed class DocumentEvents(EventStore store)
{
    /// <summary>Replays documents up to a moment.</summary>
    public async Task Replay(IReadOnlyList<SearchedModel> models, LogMoment moment, CancellationToken cancellationToken)
    {
        var ofLog = models.Where(one => one.Definition.Lifecycle == ProjectionLifecycle.Asynchronous).ToList();
        if (ofLog.Count > 0)
            await new DocumentSearch(store, ofLog).Run(moment.Position, cancellationToken).ConfigureAwait(false);
        foreach (var model in models.Except(ofLog))
        {
            foreach (var track in model.Tracks)
                await ReplayStream(model, track, moment, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ReplayStream(SearchedModel model, DocumentTrack track, LogMoment moment, CancellationToken cancellationToken)
    {
        if (!StreamId.TryParse($"{model.Definition.Stream}-{track.Key}", out var stream))
            return; // No stream has such a key.
        track.Note(stream);
        var history = await StreamHistory.Of(store, stream, moment, cancellationToken).ConfigureAwait(false);
        await foreach (var recorded in history.Read(cancellationToken).ConfigureAwait(false))
        {
            if (model.Wants(recorded.Type))
                track.Add(recorded);
        }
    }
}
