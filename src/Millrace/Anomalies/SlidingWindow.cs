namespace Millrace.Anomalies;

/// <summary>The last values that were added, up to a capacity, as one span.</summary>
internal sealed class SlidingWindow(int capacity)
{
    private readonly double[] _values = new double[2 * capacity];
    private int _start;
    private int _count;

    /// <summary>Gets the values, the newest last.</summary>
    public ReadOnlySpan<double> Values => _values.AsSpan(_start, _count);

    public int Count => _count;

    public void Add(double value)
    {
        if (_start + _count == _values.Length)
        {
            Array.Copy(_values, _start, _values, 0, _count);
            _start = 0;
        }
        _values[_start + _count] = value;
        if (_count == capacity)
            _start++;
        else
            _count++;
    }

    /// <summary>Returns the newest values, up to a number of them.</summary>
    /// <param name="count">The maximum number of values.</param>
    /// <param name="skip">The number of newer values that are left out.</param>
    public ReadOnlySpan<double> Last(int count, int skip = 0)
    {
        var end = Math.Max(0, _count - skip);
        var taken = Math.Min(count, end);
        return Values.Slice(end - taken, taken);
    }

    public void Transfer(StateTransfer state)
    {
        state.Compact(_values, ref _start, _count);
        state.Count(ref _count, capacity);
        state.Numbers(_values.AsSpan(0, _count));
    }
}
