using Millrace.Metrics;
using Millrace.Storage;

namespace Millrace.Tests.Metrics;

/// <summary>A node that writes given samples to the history, without measuring.</summary>
internal sealed class HistoryNode : IAsyncDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private HistoryNode(EventStore store, string name, TimeProvider clock, MonitorOptions options)
    {
        Store = store;
        var metrics = new MetricStore(store);
        var holder = NodeHolder.Create(clock);
        Writer = new HistoryWriter(metrics, Buffer, new NodeNames(metrics, name, holder), holder, options);
        Cleaner = new HistoryCleaner(metrics, options);
        History = new MetricHistory(store);
    }

    public EventStore Store { get; }

    public HistoryBuffer Buffer { get; } = new();

    public HistoryWriter Writer { get; }

    public HistoryCleaner Cleaner { get; }

    public MetricHistory History { get; }

    public static async Task<HistoryNode> Start(
        IStorage storage, string name, TimeProvider clock, MonitorOptions? options = null) =>
        new(
            await EventStore.Open(storage, EventTypeMap.Empty, time: clock),
            name,
            clock,
            options ?? new MonitorOptions());

    public void Add(DateTimeOffset time, params (string Metric, string? Subject, double Value)[] values) =>
        Buffer.Add(time, values.ToDictionary(one => new SeriesKey(one.Metric, one.Subject), one => one.Value));

    public ValueTask Write(DateTimeOffset now, bool isLast = false) =>
        Writer.Write(now, isLast, CancellationToken.None);

    /// <summary>Returns all points of a metric, by the name of the node.</summary>
    public async Task<Dictionary<string, IReadOnlyList<MetricPoint>>> Read(
        string metric, DateTimeOffset from, DateTimeOffset to, TimeSpan? resolution = null)
    {
        var query = new MetricQuery { Metric = metric, From = from, To = to, Resolution = resolution };
        var all = await History.Read(query, CancellationToken.None);
        return all.ToDictionary(series => series.Node!, series => series.Points);
    }

    public ValueTask<long> Count(string collection) =>
        Store.Storage.Documents.Count(collection, [], CancellationToken.None);

    public ValueTask DisposeAsync() => Store.DisposeAsync();
}
