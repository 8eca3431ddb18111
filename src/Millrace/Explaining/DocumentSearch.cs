using Millrace.Projecting.Replays;
using Millrace.Storage;

namespace Millrace.Explaining;

/// <summary>
/// Reads the log once and applies each event to the documents that it changes. The search reads only events of the read
/// models' types. All processors decode events and find keys. Events are folded in the order of the log.
/// </summary>
internal sealed class DocumentSearch
{
    private const int MinPerWorker = 64;
    private const int MaxPage = 1_000;

    private readonly EventStore _store;
    private readonly IReadOnlyList<SearchedReadModel> _models;
    private readonly KeyFinder[][] _finders;
    private long _read;

    public DocumentSearch(EventStore store, IReadOnlyList<SearchedReadModel> models)
    {
        _store = store;
        _models = models;
        _finders = new KeyFinder[Environment.ProcessorCount][];
        for (var worker = 0; worker < _finders.Length; worker++)
            _finders[worker] = [.. models.Select(model => model.Definition.CreateFinder())];
    }

    /// <summary>
    /// Waits for other searches, reads the events of an earlier search again, and searches the positions after it.
    /// </summary>
    /// <returns>The position that the search has reached. It is lower than the last position if the time limit
    /// expired.</returns>
    /// <exception cref="ExplanationsBusyException">Other searches did not finish in time.</exception>
    public async Task<long> Run(
        EarlierSearch? earlier, long until, SearchTimeBudget time, CancellationToken cancellationToken)
    {
        var names = _models.SelectMany(model => model.Names).Distinct(StringComparer.Ordinal).ToArray();
        if (names.Length == 0 || _models.All(model => model.Tracks.Count == 0))
            return until;
        return await LogScanner.Run(
            _store, names, earlier?.Position + 1 ?? 1, until, time,
            () => ReadAgain(earlier, names, cancellationToken),
            events => ProcessPage(events, until, time, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Folds the events of an earlier search again. The time limit of the search does not apply, so that each search
    /// makes progress.
    /// </summary>
    /// <exception cref="InvalidNameException">This takes too many events or too long.</exception>
    private async ValueTask ReadAgain(EarlierSearch? earlier, string[] names, CancellationToken cancellationToken)
    {
        if (earlier is not { Document: { } document })
            return;
        var time = new SearchTimeBudget(_store.Time, SearchContinuation.MaxReadAgainTime);
        time.Start();
        var (read, end) = (0, 0L);
        foreach (var (first, last) in earlier.Ranges)
        {
            _read += first - end - 1; // The number of events between the ranges is not known, but not higher.
            var limit = (int)Math.Min(last - first + 1, MaxPage);
            var pages = _store.Reader.ReadPages(EventFilter.OfTypes(names), first, limit, cancellationToken);
            await using (pages.ConfigureAwait(false))
            {
                EventPage page;
                do
                {
                    page = await pages.Next().ConfigureAwait(false);
                    read += page.Events.Count(each => each.Position <= last);
                    if (read > SearchContinuation.MaxReadAgain
                        || await ProcessPage(page.Events, last, time, cancellationToken, document)
                            .ConfigureAwait(false) is not null
                        || time.IsOver)
                        throw SearchContinuation.TooLong(earlier.Text);
                }
                while (!page.IsEnd && page.Next <= last);
            }
            end = last;
        }
        _read += earlier.Position - end;
        document.EndEarlierPart();
    }

    /// <summary>Folds the events of a page into the documents that they change.</summary>
    /// <returns>The position of the first event that was not processed because of the time limit, or null if all events
    /// were processed.</returns>
    private async ValueTask<long?> ProcessPage(
        IReadOnlyList<RecordedEvent> events, long until, SearchTimeBudget time, CancellationToken cancellationToken,
        DocumentTracker? only = null)
    {
        var found = new List<Found>?[events.Count];
        var workers = Math.Clamp(events.Count / MinPerWorker, 1, _finders.Length);
        var ends = new int[workers];
        var others = new Task[workers - 1];
        for (var i = 0; i < others.Length; i++)
        {
            var worker = i + 1;
            others[i] = Task.Run(
                () => ends[worker] = Find(events, found, worker, workers, time, cancellationToken),
                CancellationToken.None);
        }
        ends[0] = Find(events, found, 0, workers, time, cancellationToken);
        await Task.WhenAll(others).ConfigureAwait(false); // The workers return early if the search is canceled.
        var end = ends.Min();
        for (var i = 0; i < end && events[i].Position <= until; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (i > 0 && time.IsOver)
                return events[i].Position; // At least one event is processed, so that each search makes progress.
            _read++;
            Fold(events[i], found[i], only);
        }
        cancellationToken.ThrowIfCancellationRequested();
        return end < events.Count && events[end].Position <= until ? events[end].Position : null;
    }

    private void Fold(RecordedEvent recorded, List<Found>? found, DocumentTracker? only)
    {
        foreach (var (model, track, failure) in found ?? [])
        {
            if (only is not null && only != track)
                continue;
            if (failure is null)
                track!.Add(recorded, _read); // Not null, because there was no failure.
            else if (recorded.Stream != model.SourceStream)
                model.Failures.Add(recorded, failure);
        }
    }

    /// <summary>Finds the documents of each n-th event, where n is the number of workers.</summary>
    /// <returns>The index of the first event that was not examined.</returns>
    private int Find(
        IReadOnlyList<RecordedEvent> events, List<Found>?[] found, int worker, int workers, SearchTimeBudget time,
        CancellationToken cancellationToken)
    {
        var keys = new List<string>();
        for (var i = worker; i < events.Count; i += workers)
        {
            if ((i > 0 && time.IsOver) || cancellationToken.IsCancellationRequested)
                return i;
            for (var m = 0; m < _models.Count; m++)
            {
                if (!_models[m].Wants(events[i].Type))
                    continue;
                Exception? failure = null;
                keys.Clear();
                try
                {
                    _models[m].DeadLetters.Collect(events[i], _finders[worker][m], keys, includeCorrected: true);
                }
#pragma warning disable CA1031 // After any exception of application code, the keys are unknown.
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    failure = exception;
                }
                AddFound(ref found[i], _models[m], keys, failure);
            }
        }
        return events.Count;
    }

    private static void AddFound(ref List<Found>? found, SearchedReadModel model, List<string> keys, Exception? failure)
    {
        if (failure is not null)
            (found ??= []).Add(new Found(model, null, failure));
        foreach (var key in keys)
        {
            if (model.Find(key) is { } track && found?.Exists(entry => entry.Track == track) != true)
                (found ??= []).Add(new Found(model, track, null));
        }
    }

    private readonly record struct Found(SearchedReadModel Model, DocumentTracker? Track, Exception? Failure);
}
