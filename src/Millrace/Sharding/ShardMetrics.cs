using System.Diagnostics.Metrics;

namespace Millrace.Sharding;

/// <summary>The metric instruments for shards.</summary>
internal sealed class ShardMetrics
{
    /// <summary>The tag of the instruments of one shard.</summary>
    public const string ShardTag = "millrace.shard";

    private readonly Meter _meter;
    private readonly Counter<long> _failures;

    public ShardMetrics(IMeterFactory? meters)
    {
        _meter = meters?.Create(MillraceTelemetry.MeterName) ?? new Meter(MillraceTelemetry.MeterName);
        _failures = _meter.CreateCounter<long>(
            "millrace.shard.failures", "{failure}", "Checks of a shard that failed.");
    }

    /// <summary>Reports the shards of a node when they are read.</summary>
    public void Observe(ShardSet shards)
    {
        _meter.CreateObservableGauge<int>(
            "millrace.shard.available",
            () => shards.All.Select(shard =>
                new Measurement<int>(shard.State == ShardState.Open ? 1 : 0, Tag(shard.Shard))),
            "1",
            "Whether this node can use the shard: 1 or 0.");
        _meter.CreateObservableGauge<long>(
            "millrace.shard.map.version",
            () => shards.IsStarted ? [new Measurement<long>(shards.Map.Version)] : Array.Empty<Measurement<long>>(),
            "1",
            "The version of the map of shards that this node uses.");
        _meter.CreateObservableGauge<long>(
            "millrace.shard.position",
            () => shards.All.Where(shard => shard.IsOpened)
                .Select(shard => new Measurement<long>(shard.Inner.Store.Tail.Head.Position, Tag(shard.Shard))),
            "{event}",
            "The last position of the shard's log.");
    }

    public void RecordFailure(ShardId shard, Exception exception) =>
        _failures.Add(1, Tag(shard), new KeyValuePair<string, object?>("error.type", exception.GetType().Name));

    private static KeyValuePair<string, object?> Tag(ShardId shard) => new(ShardTag, shard.Value);
}
