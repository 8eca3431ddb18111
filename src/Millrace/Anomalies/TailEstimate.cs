namespace Millrace.Anomalies;

/// <summary>
/// How rare a deviation is, compared with the recent deviations of the same kind. Beyond the largest ones, the tail is
/// that of a Pareto distribution (Hill's estimator), so that the result does not depend on the unit.
/// </summary>
internal sealed class TailEstimate(AnomalySettings settings)
{
    private const int MinCount = 20;
    private const int MinTop = 5;
    private const double MinShape = 0.05;
    private const double MaxEvidence = 12;
    private readonly SlidingWindow _maxima = new(settings.TailBlocks);
    private readonly double[] _top = new double[Math.Max(MinTop, (int)(settings.TailShare * settings.TailBlocks)) + 1];
    private double _blockMax;
    private int _blockCount;
    private int _topCount;
    private double _shape;

    /// <summary>Gets the limit between usual deviations and the tail; 0 until it is known.</summary>
    public double Usual => _topCount > 0 ? _top[0] : 0;

    /// <summary>Adds a deviation. Returns the negative decimal logarithm of its probability.</summary>
    public double Add(double deviation)
    {
        var evidence = _topCount == 0 ? 0 : Math.Clamp(Evidence(deviation), 0, MaxEvidence);
        _blockMax = Math.Max(_blockMax, deviation);
        if (++_blockCount < settings.TailBlockSize)
            return evidence;
        _maxima.Add(_blockMax);
        (_blockMax, _blockCount) = (0, 0);
        if (_maxima.Count >= MinCount)
            Fit();
        return evidence;
    }

    public void Transfer(StateTransfer state)
    {
        _maxima.Transfer(state);
        state.Number(ref _blockMax);
        state.Count(ref _blockCount, settings.TailBlockSize);
        _topCount = 0;
        if (_maxima.Count >= MinCount)
            Fit();
    }

    private double Evidence(double deviation)
    {
        if (deviation <= 0 || deviation <= _top[0])
            return 0;
        if (_top[0] > 0)
            return Math.Log10((double)_maxima.Count / _topCount) + Math.Log10(deviation / _top[0]) / _shape;
        var larger = 1; // Most deviations are 0: the rank decides.
        foreach (var other in _maxima.Values)
            larger += other >= deviation ? 1 : 0;
        return Math.Log10((_maxima.Count + 1.0) / larger);
    }

    /// <summary>Finds the largest deviations. The first of them is the limit, the others determine the shape.</summary>
    private void Fit()
    {
        _topCount = Math.Max(MinTop, (int)(settings.TailShare * _maxima.Count));
        var top = _top.AsSpan(0, _topCount + 1);
        top.Fill(-1);
        foreach (var deviation in _maxima.Values)
        {
            if (deviation > top[0])
                Insert(top, deviation);
        }
        if (top[0] <= 0)
            return;
        var sum = 0.0;
        foreach (var deviation in top[1..])
            sum += Math.Log(deviation / top[0]);
        _shape = Math.Max(MinShape, sum / _topCount);
    }

    /// <summary>Replaces the smallest of sorted values.</summary>
    private static void Insert(Span<double> sorted, double value)
    {
        var i = 0;
        for (; i + 1 < sorted.Length && sorted[i + 1] < value; i++)
            sorted[i] = sorted[i + 1];
        sorted[i] = value;
    }
}
