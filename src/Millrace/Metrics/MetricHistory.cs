using System.Runtime.CompilerServices;
using System.Text.Json;
using Millrace.Metrics;
using Millrace.Storage;

namespace Millrace;

/// <summary>Reads the history of the performance monitor, of all nodes with the store.</summary>
public sealed class MetricHistory
{
    /// <summary>The number of intervals after which a sample is not current any more.</summary>
    private const int CurrentIntervals = 3;

    /// <summary>The length of a part, in which each minute is a point.</summary>
    private static readonly TimeSpan PartLength = TimeSpan.FromHours(16);

    private readonly MetricStore _store;
    private readonly StoreClock _clock;

    /// <summary>Creates the history of a store. In an application <c>UseMonitor</c> does this.</summary>
    public MetricHistory(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = new MetricStore(store);
        _clock = new StoreClock(() => store.Storage, store.Time);
    }

    /// <summary>
    /// Returns the newest sample of each series of each node that is at most three intervals old, ordered by metric,
    /// subject and node.
    /// </summary>
    public async Task<IReadOnlyList<MetricSample>> ReadLatest(CancellationToken cancellationToken)
    {
        var now = await _clock.Now(cancellationToken).ConfigureAwait(false);
        var samples = new List<MetricSample>();
        var oldest = now - CurrentIntervals * MonitorOptions.MaxSampleInterval;
        await foreach (var document in _store.ReadLatest(oldest, cancellationToken).ConfigureAwait(false))
        {
            if (TryRead(document) is not { } record || record.At < now - CurrentIntervals * record.Interval)
                continue;
            foreach (var value in record.Values)
            {
                samples.Add(new MetricSample
                {
                    Metric = value.Metric,
                    Subject = value.Subject,
                    Node = document.Key,
                    Time = record.At,
                    Value = value.Value,
                });
            }
        }
        return
        [
            .. samples.OrderBy(static sample => sample.Metric, StringComparer.Ordinal)
                .ThenBy(static sample => sample.Subject, StringComparer.Ordinal)
                .ThenBy(static sample => sample.Node, StringComparer.Ordinal),
        ];
    }

    /// <summary>
    /// Returns the history of a metric: one series for each subject and node, ordered by subject and node.
    /// </summary>
    /// <remarks>
    /// Minutes are used as long as they are stored, and hours before. The points of hours are at least one hour long.
    /// </remarks>
    /// <exception cref="ArgumentException">The end is not after the start, or the resolution is below a
    /// minute.</exception>
    public async Task<IReadOnlyList<MetricSeries>> Read(MetricQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var merger = new PointMerger(query);
        if (!merger.UsesHours)
            await AddMinutes(merger, isDownsampled: null, cancellationToken).ConfigureAwait(false);
        if (merger.NeedsHours)
        {
            var days = (HistoryPeriods.DayOf(merger.From), query.To);
            await foreach (var record in _store
                .ReadPoints(MetricStore.Hours, query.Node, days, null, cancellationToken).ConfigureAwait(false))
                merger.AddHours(record);
        }
        if (merger.UsesHours)
            await AddMinutes(merger, isDownsampled: false, cancellationToken).ConfigureAwait(false);
        return merger.Build();
    }

    /// <summary>
    /// Returns the history in parts, oldest first. Each minute is a point as far back as minutes are stored.
    /// </summary>
    internal async IAsyncEnumerable<IReadOnlyList<MetricSeries>> ReadParts(
        MetricQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var minutes = await _store.FindFirstMinute(cancellationToken).ConfigureAwait(false) ?? query.To;
        var start = query.From;
        while (start < query.To)
        {
            var end = start < minutes ? minutes : HistoryPeriods.HourOf(start) + PartLength;
            end = end < query.To ? end : query.To;
            yield return await Read(query with { From = start, To = end }, cancellationToken).ConfigureAwait(false);
            start = end;
        }
    }

    /// <summary>Returns the samples of a node; null if a later version wrote them in another form.</summary>
    private static LatestRecord? TryRead(Document document)
    {
        try
        {
            return MetricStore.ReadLatest(document);
        }
        catch (JsonException)
        {
            return null; // The samples of the other nodes are still useful.
        }
    }

    private async ValueTask AddMinutes(PointMerger merger, bool? isDownsampled, CancellationToken cancellationToken)
    {
        var hours = (HistoryPeriods.HourOf(merger.From), merger.To);
        await foreach (var record in _store
            .ReadPoints(MetricStore.Minutes, merger.Node, hours, isDownsampled, cancellationToken)
            .ConfigureAwait(false))
            merger.AddMinutes(record);
    }
}
