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
                await ReplayStreams(model, track, until, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ReplayStreams(SearchedModel model, DocumentTrack track, long until, CancellationToken cancellationToken)
    {
        foreach (var stream in await StreamsOf(model, track.Key, cancellationToken).ConfigureAwait(false))
        {
            await foreach (var recorded in store.ReadStream(stream, 1, cancellationToken).ConfigureAwait(false))
            {
                if (recorded.Position > until)
                    break;
                if (model.Wants(recorded.Type))
                    track.Add(recorded);
            }
        }
    }

    /// <summary>The streams of a key: the one of the projection's category, or, where it names none, those that hold its events.</summary>
    private async ValueTask<IReadOnlyCollection<StreamId>> StreamsOf(SearchedModel model, string key, CancellationToken cancellationToken)
    {
        if (model.Definition.Stream is { } category)
            return [new StreamId($"{category}-{key}")];
        var streams = new List<StreamId>();
        await foreach (var recorded in store.ReadLog(EventFilter.OfTypes(model.Names), 0, cancellationToken).ConfigureAwait(false))
        {
            if (recorded.Stream.Key == key && !streams.Contains(recorded.Stream))
                streams.Add(recorded.Stream);
        }
        return streams;
    }
}
