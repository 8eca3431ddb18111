using System.Diagnostics.Metrics;
using Microsoft.Extensions.Caching.Memory;

namespace Millrace.Caching;

/// <summary>Measures the answers in memory: their number, their size and their evictions.</summary>
internal sealed class CacheMetrics
{
    private readonly Counter<long> _evictions;

    public CacheMetrics(IMeterFactory? meters, MemoryCache memory)
    {
        var meter = meters?.Create(MillraceTelemetry.MeterName) ?? new Meter(MillraceTelemetry.MeterName);
        _evictions = meter.CreateCounter<long>(
            "millrace.cache.evictions", "{answer}", "Cached answers that were removed from memory.");
        meter.CreateObservableGauge(
            "millrace.cache.entries",
            () => memory.GetCurrentStatistics()?.CurrentEntryCount ?? 0,
            "{answer}",
            "Cached answers in memory.");
        meter.CreateObservableGauge(
            "millrace.cache.size",
            () => memory.GetCurrentStatistics()?.CurrentEstimatedSize ?? 0,
            "By",
            "The approximate number of bytes of cached answers in memory.");
    }

    public void RecordEviction(EvictionReason reason)
    {
        if (reason is EvictionReason.Capacity or EvictionReason.Expired)
            _evictions.Add(
                1,
                new KeyValuePair<string, object?>(
                    "millrace.cache.reason", reason == EvictionReason.Capacity ? "capacity" : "expired"));
    }
}
