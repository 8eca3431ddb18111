using System.Diagnostics;

namespace Millrace.Benchmarks.Harness;

/// <summary>The durations of single operations. All durations are stored, so the percentiles are exact.</summary>
internal sealed class Latencies(int capacity)
{
    private long[] _ticks = new long[Math.Max(capacity, 16)];
    private int _count;
    private bool _isSorted;

    public int Count => _count;

    /// <summary>Adds a duration in ticks of <see cref="Stopwatch"/>.</summary>
    public void Add(long ticks)
    {
        if (_count == _ticks.Length)
            Array.Resize(ref _ticks, _count * 2);
        _ticks[_count++] = ticks;
        _isSorted = false;
    }

    public void AddAll(Latencies other)
    {
        for (var i = 0; i < other._count; i++)
            Add(other._ticks[i]);
    }

    /// <summary>Returns a percentile of the durations, in milliseconds.</summary>
    public double Percentile(double share)
    {
        if (_count == 0)
            return double.NaN;
        if (!_isSorted)
            Array.Sort(_ticks, 0, _count);
        _isSorted = true;
        var index = Math.Clamp((int)Math.Ceiling(share * _count) - 1, 0, _count - 1);
        return _ticks[index] * 1000.0 / Stopwatch.Frequency;
    }
}
