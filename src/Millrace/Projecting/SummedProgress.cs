namespace Millrace.Projecting;

/// <summary>Reports the progress of rebuilds in several shards as one.</summary>
internal sealed class SummedProgress
{
    private readonly IProgress<RebuildProgress> _target;
    private readonly Lock _lock = new();
    private readonly RebuildProgress[] _parts;

    private SummedProgress(IProgress<RebuildProgress> target, int count) =>
        (_target, _parts) = (target, new RebuildProgress[count]);

    /// <summary>Returns the receivers of the progress in each shard.</summary>
    public static IReadOnlyList<IProgress<RebuildProgress>?> Divide(IProgress<RebuildProgress>? target, int count)
    {
        if (target is null || count == 1)
            return [.. Enumerable.Repeat(target, count)];
        var sum = new SummedProgress(target, count);
        return [.. Enumerable.Range(0, count).Select(index => new Part(sum, index))];
    }

    private void Report(int index, RebuildProgress value)
    {
        lock (_lock)
        {
            _parts[index] = value;
            _target.Report(new RebuildProgress(
                _parts.Sum(static part => part.Done),
                _parts.Sum(static part => part.Total),
                _parts.Sum(static part => part.EventsPerSecond),
                _parts.Max(static part => part.Left))); // The shards are rebuilt at the same time.
        }
    }

    private sealed class Part(SummedProgress sum, int index) : IProgress<RebuildProgress>
    {
        public void Report(RebuildProgress value) => sum.Report(index, value);
    }
}
