namespace Millrace.Tests.Anomalies;

/// <summary>
/// A detector of the benchmark, to check the scorer: how far the value is from the mean of the last 6,400 values, as
/// the probability of a normal distribution. The window moves in steps of 100 values.
/// </summary>
internal sealed class WindowedGaussian
{
    private const int Size = 6_400;
    private const int Step = 100;
    private const double MinDeviation = 0.000001;
    private const double PublishedRoot = 1.4142; // The published detector uses this value for the root of 2.
    private readonly List<double> _values = [];
    private double _sum;
    private double _squares;
    private double _mean;
    private double _deviation;

    public double Add(double value)
    {
        var score = _values.Count == 0 ? 0 : Score(value);
        _values.Add(value);
        var moved = Math.Max(0, (_values.Count - Size) / Step * Step);
        if (_values.Count <= Size)
            Fit(_values);
        else if ((_values.Count - Size) % Step == 0)
            Fit(_values.GetRange(moved, Size));
        return score;
    }

    private double Score(double value)
        => 1 - UpperTail(Math.Abs(value - _mean) / _deviation * Math.Sqrt(2) / PublishedRoot);

    private void Fit(List<double> window)
    {
        if (window.Count > 1 && window.Count < Size)
        {
            _sum += window[^1];
            _squares += window[^1] * window[^1];
        }
        else
        {
            (_sum, _squares) = (window.Sum(), window.Sum(value => value * value));
        }
        _mean = _sum / window.Count;
        var variance = Math.Max(0, _squares / window.Count - _mean * _mean);
        _deviation = variance <= 1e-14 * _mean * _mean ? MinDeviation : Math.Sqrt(variance);
    }

    /// <summary>Returns the probability of a larger value in the standard normal distribution.</summary>
    private static double UpperTail(double z)
    {
        if (z < 3)
            return 0.5 - Series(z);
        var fraction = 0.0; // The continued fraction of the tail.
        for (var term = 60; term > 0; term--)
            fraction = term / (z + fraction);
        return Density(z) / (z + fraction);
    }

    /// <summary>Returns the probability between 0 and z.</summary>
    private static double Series(double z)
    {
        var (sum, term) = (z, z);
        for (var n = 1; Math.Abs(term) > 1e-17 * Math.Abs(sum); n++)
        {
            term *= z * z / (2 * n + 1);
            sum += term;
        }
        return sum * Density(z);
    }

    private static double Density(double z) => Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
}
