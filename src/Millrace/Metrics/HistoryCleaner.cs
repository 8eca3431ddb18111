using Millrace.Storage;

namespace Millrace.Metrics;

/// <summary>
/// Removes old parts of the history, also those of nodes that do not run any more. Minutes whose hour is not stored are
/// downsampled first. All nodes do this, and each run removes a limited number of documents.
/// </summary>
internal sealed class HistoryCleaner(MetricStore store, MonitorOptions options)
{
    /// <summary>The maximum number of removed documents of each collection in a run.</summary>
    public const int MaxDocuments = 50;

    // A node keeps its samples in memory for this time, and needs its name to store them.
    private static readonly TimeSpan LatestRetention = TimeSpan.FromHours(HistoryBuffer.MaxHours + 1);

    public async ValueTask Run(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await store.EnsureCollections(cancellationToken).ConfigureAwait(false);
        var minutes = now - options.MinuteRetention;
        foreach (var old in await FindBefore(MetricStore.Minutes, minutes - HistoryPeriods.Hour, cancellationToken)
            .ConfigureAwait(false))
            await RemoveHour(old, cancellationToken).ConfigureAwait(false);
        var hours = now - options.HourRetention - HistoryPeriods.Day;
        foreach (var old in await FindBefore(MetricStore.Hours, hours, cancellationToken).ConfigureAwait(false))
            await Commit([Removal(MetricStore.Hours, old)], cancellationToken).ConfigureAwait(false);
        foreach (var old in await FindBefore(MetricStore.Latest, now - LatestRetention, cancellationToken)
            .ConfigureAwait(false))
            await Commit([Removal(MetricStore.Latest, old)], cancellationToken).ConfigureAwait(false);
    }

    private static DocumentChange Removal(string collection, Document document) =>
        new() { Collection = collection, Key = document.Key, FromVersion = document.Version };

    private ValueTask<IReadOnlyList<Document>> FindBefore(
        string collection, DateTimeOffset before, CancellationToken cancellationToken) =>
        store.FindBefore(collection, before, MaxDocuments, cancellationToken);

    private async ValueTask RemoveHour(Document document, CancellationToken cancellationToken)
    {
        var changes = new List<DocumentChange> { Removal(MetricStore.Minutes, document) };
        var minutes = MetricStore.ReadPoints(document);
        if (!minutes.IsDownsampled)
        {
            var key = MetricStore.KeyOf(minutes.Node, HistoryPeriods.DayOf(minutes.Start));
            var day = await store.Find(MetricStore.Hours, key, cancellationToken).ConfigureAwait(false);
            var changed = SeriesEncoding.AddHour(day is null ? null : MetricStore.ReadPoints(day), minutes);
            changes.Add(MetricStore.WritePoints(MetricStore.Hours, changed, day?.Version ?? 0));
        }
        await Commit(changes, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Commits changes, unless another node made them at the same time.</summary>
    private async ValueTask Commit(IReadOnlyList<DocumentChange> changes, CancellationToken cancellationToken)
    {
        var request = new CommitRequest { Documents = changes };
        var outcome = await store.Store.TryCommit(request, isBackground: true, cancellationToken)
            .ConfigureAwait(false);
        _ = outcome.FindDocumentConflict(); // The next run finds what remains.
    }
}
