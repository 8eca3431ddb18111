namespace Millrace.Metrics;

/// <summary>
/// Counts durations in buckets with logarithmic boundaries: 16 for each doubling, so that a percentile is wrong by at
/// most 1/32. Recording takes no lock and allocates nothing.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int BucketBits = 4; // 16 buckets for each doubling.
    private const int Shift = 52 - BucketBits;
    private const double Shortest = 1.0 / (1 << 20); // A microsecond.
    private const double Longest = 1 << 12; // More than an hour.

    private static readonly long FirstIndex = BitConverter.DoubleToInt64Bits(Shortest) >> Shift;

    private readonly int[] _counts = new int[IndexOf(Longest) + 1];

    /// <summary>Counts a duration in seconds.</summary>
    public void Record(double seconds) => Interlocked.Increment(ref _counts[IndexOf(seconds)]);

    /// <summary>Returns the number of durations and a percentile in seconds, and starts again.</summary>
    public (long Count, double Percentile) Take(double percentile)
    {
        Span<int> counts = stackalloc int[_counts.Length];
        var total = 0L;
        for (var i = 0; i < counts.Length; i++)
        {
            if (Volatile.Read(ref _counts[i]) != 0)
                counts[i] = Interlocked.Exchange(ref _counts[i], 0);
            else
                counts[i] = 0;
            total += counts[i];
        }
        var rank = Math.Max(1, (long)Math.Ceiling(total * percentile));
        var seen = 0L;
        for (var i = 0; i < counts.Length; i++)
        {
            seen += counts[i];
            if (seen >= rank)
                return (total, (LowerBound(i) + LowerBound(i + 1)) / 2);
        }
        return (0, 0);
    }

    /// <summary>Returns the bucket: the exponent and the first bits of the mantissa.</summary>
    private static int IndexOf(double seconds) =>
        !(seconds > Shortest) ? 0 // Also NaN.
        : (int)((BitConverter.DoubleToInt64Bits(Math.Min(seconds, Longest)) >> Shift) - FirstIndex);

    private static double LowerBound(int index) => BitConverter.Int64BitsToDouble((FirstIndex + index) << Shift);
}
