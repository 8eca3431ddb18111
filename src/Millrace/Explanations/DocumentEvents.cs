namespace Millrace;

/// <summary>
/// Brings events to the documents that they change: from the log, or, where documents have the key of their events' own stream, from
/// that stream alone, as far as readers of it see it.
/// </summary>
internal sealed class DocumentEvents(EventStore store)
{
    /// <summary>Replays documents up to a position.</summary>
    public async Task Replay(IReadOnlyList<SearchedModel> models, long until, CancellationToken cancellationToken)
    {
        var ofLog = models.Where(one => one.Definition.Lifecycle == ProjectionLifecycle.Asynchronous).ToList();
        if (ofLog.Count > 0)
            await new DocumentSearch(store, ofLog).Run(until, cancellationToken).ConfigureAwait(false);
        foreach (var model in models.Except(ofLog))
        {
            foreach (var track in model.Tracks)
                await ReplayStream(model, track, until, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ReplayStream(SearchedModel model, DocumentTrack track, long until, CancellationToken cancellationToken)
    {
        var stream = new StreamId($"{model.Definition.Stream}-{track.Key}");
        await foreach (var recorded in store.ReadStream(stream, 1, cancellationToken).ConfigureAwait(false))
        {
            if (recorded.Position > until)
                break;
            if (model.Wants(recorded.Type))
                track.Add(recorded);
        }
    }
}
