namespace Millrace;

/// <summary>
/// Goes through the log once and hands each event to the documents that it changes. Events are read with the types of the read models
/// alone; finding their keys, for which they are decoded, is shared by all processors; folding goes in the order of the log.
/// </summary>
internal sealed class DocumentSearch
{
    private const int LeastPerWorker = 64;

    private static readonly TimeSpan MostWait = TimeSpan.FromSeconds(60);

    // Of the program, as its processors are: a search takes all of them, so several at once would only take them from everything else.
    private static readonly SemaphoreSlim Turn = new(1);

    private readonly EventStore _store;
    private readonly IReadOnlyList<SearchedModel> _models;
    private readonly KeyFinder[][] _finders;

    public DocumentSearch(EventStore store, IReadOnlyList<SearchedModel> models)
    {
        (_store, _models) = (store, models);
        _finders = new KeyFinder[Environment.ProcessorCount][];
        for (var worker = 0; worker < _finders.Length; worker++)
            _finders[worker] = [.. models.Select(model => model.Definition.CreateFinder())];
    }

    /// <summary>Searches up to a position, when it is its turn.</summary>
    /// <exception cref="ExplanationsBusyException">Its turn did not come in time.</exception>
    public async Task Run(long until, CancellationToken cancellationToken)
    {
        var names = _models.SelectMany(model => model.Names).Distinct(StringComparer.Ordinal).ToArray();
        if (names.Length == 0 || _models.All(model => model.Tracks.Count == 0))
            return;
        if (!await Turn.WaitAsync(MostWait, cancellationToken).ConfigureAwait(false))
            throw new ExplanationsBusyException(MostWait);
        try
        {
            await Search(names, until, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Turn.Release();
        }
    }

    private async Task Search(string[] names, long until, CancellationToken cancellationToken)
    {
        var pages = _store.Reader.ReadPages(EventFilter.OfTypes(names), 1, cancellationToken);
        await using (pages.ConfigureAwait(false))
        {
            for (var isEnd = false; !isEnd;)
            {
                var page = await pages.Next().ConfigureAwait(false);
                await Take(page.Events, until).ConfigureAwait(false);
                isEnd = page.IsEnd || page.Next > until;
            }
        }
    }

    private async ValueTask Take(IReadOnlyList<RecordedEvent> events, long until)
    {
        var found = new List<Found>?[events.Count];
        var workers = Math.Clamp(events.Count / LeastPerWorker, 1, _finders.Length);
        var others = new Task[workers - 1];
        for (var i = 0; i < others.Length; i++)
        {
            var worker = i + 1;
            others[i] = Task.Run(() => Find(events, found, worker, workers));
        }
        Find(events, found, 0, workers);
        await Task.WhenAll(others).ConfigureAwait(false);
        for (var i = 0; i < found.Length && events[i].Position <= until; i++)
        {
            foreach (var (model, track, failure) in found[i] ?? [])
            {
                if (failure is not null)
                    model.Failures.Add(events[i], failure);
                else
                    track!.Add(events[i]); // Without a failure there is a document.
            }
        }
    }

    private void Find(IReadOnlyList<RecordedEvent> events, List<Found>?[] found, int worker, int workers)
    {
        var keys = new List<string>();
        for (var i = worker; i < events.Count; i += workers)
        {
            for (var m = 0; m < _models.Count; m++)
            {
                if (!_models[m].Wants(events[i].Type))
                    continue;
                Exception? failure = null;
                keys.Clear();
                try
                {
                    _models[m].Letters.Collect(events[i], _finders[worker][m], keys, evenLeft: true);
                }
#pragma warning disable CA1031 // The application's own code: whatever it throws, the event's keys are not known.
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    failure = exception;
                }
                Note(ref found[i], _models[m], keys, failure);
            }
        }
    }

    private static void Note(ref List<Found>? found, SearchedModel model, List<string> keys, Exception? failure)
    {
        if (failure is not null)
            (found ??= []).Add(new Found(model, null, failure));
        foreach (var key in keys)
        {
            if (model.Find(key) is { } track && found?.Exists(one => one.Track == track) != true)
                (found ??= []).Add(new Found(model, track, null));
        }
    }

    private readonly record struct Found(SearchedModel Model, DocumentTrack? Track, Exception? Failure);
}
