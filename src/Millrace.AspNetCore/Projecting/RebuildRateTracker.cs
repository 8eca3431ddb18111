using System.Collections.Concurrent;

namespace Millrace.AspNetCore.Projecting;

/// <summary>
/// Stores the progress of rebuilds at the first status request, to calculate the rate of each rebuild.
/// </summary>
internal sealed class RebuildRateTracker(TimeProvider time)
{
    private readonly ConcurrentDictionary<(string? Shard, string Collection), (long Position, long At)> _first = new();

    /// <summary>Returns the progress of a rebuild.</summary>
    public ProgressView Measure(ConsumerStatus build)
    {
        var total = build.Checkpoint + build.LagEvents;
        var isReady = build.State == ConsumerState.Live;
        var (position, at) = _first.GetOrAdd((build.Shard, build.Name), (build.Checkpoint, time.GetTimestamp()));
        var seconds = time.GetElapsedTime(at).TotalSeconds;
        if (build.Checkpoint <= position || seconds <= 0)
            return new ProgressView(build.Checkpoint, total, null, isReady ? 0 : null, isReady);
        var pace = (build.Checkpoint - position) / seconds;
        return new ProgressView(
            build.Checkpoint, total, Math.Round(pace, 1), Math.Round(build.LagEvents / pace, 1), isReady);
    }

    /// <summary>Records the start of a rebuild in a shard.</summary>
    public void Begin(string? shard, string collection) =>
        _first.TryAdd((shard, collection), (0, time.GetTimestamp()));

    /// <summary>Removes all rebuilds except the running ones.</summary>
    public void Keep(IReadOnlyCollection<(string? Shard, string Collection)> underWay)
    {
        foreach (var collection in _first.Keys.Where(name => !underWay.Contains(name)))
            _first.TryRemove(collection, out _);
    }
}
