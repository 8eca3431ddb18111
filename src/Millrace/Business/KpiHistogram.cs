using System.Globalization;

namespace Millrace.Business;

/// <summary>
/// Counts durations in buckets with logarithmic boundaries: 16 for each doubling, so that a percentile is wrong by at
/// most 1/32. Durations from a microsecond to 136 years have 832 buckets; shorter and longer ones are counted in the
/// first and last bucket.
/// </summary>
internal static class KpiHistogram
{
    private const int BucketBits = 4; // 16 buckets for each doubling.
    private const int Shift = 52 - BucketBits;
    private const double Shortest = 1.0 / (1 << 20); // A microsecond.
    private const double Longest = 1L << 32; // 136 years.

    private static readonly long FirstIndex = BitConverter.DoubleToInt64Bits(Shortest) >> Shift;

    /// <summary>Returns the bucket of a duration in seconds.</summary>
    public static int IndexOf(decimal seconds)
    {
        var value = (double)seconds;
        return value > Shortest
            ? (int)((BitConverter.DoubleToInt64Bits(Math.Min(value, Longest)) >> Shift) - FirstIndex)
            : 0;
    }

    /// <summary>Returns the counts of both histograms, ordered by bucket.</summary>
    public static IReadOnlyDictionary<int, long>? Add(
        IReadOnlyDictionary<int, long>? one, IReadOnlyDictionary<int, long>? other)
    {
        if (one is null || other is null)
            return one ?? other;
        var all = new SortedDictionary<int, long>();
        foreach (var (index, count) in one.Concat(other))
            all[index] = all.GetValueOrDefault(index) + count;
        return all;
    }

    /// <summary>Returns the percentiles; null if there are no durations.</summary>
    public static KpiPercentiles? PercentilesOf(IReadOnlyDictionary<int, long>? counts)
    {
        if (counts is null || counts.Count == 0)
            return null;
        var ordered = counts.OrderBy(static one => one.Key).ToList();
        var total = counts.Values.Sum();
        return new KpiPercentiles(At(0.50m), At(0.95m), At(0.99m));

        decimal At(decimal share)
        {
            var rank = Math.Max(1, (long)Math.Ceiling(total * share));
            var seen = 0L;
            foreach (var (index, count) in ordered)
            {
                seen += count;
                if (seen >= rank)
                    return Middle(index);
            }
            return Middle(ordered[^1].Key);
        }
    }

    /// <summary>Returns the middle of a bucket with four significant digits.</summary>
    private static decimal Middle(int index)
    {
        var middle = (LowerBound(index) + LowerBound(index + 1)) / 2;
        return decimal.Parse(
            middle.ToString("G4", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    private static double LowerBound(int index) => BitConverter.Int64BitsToDouble((FirstIndex + index) << Shift);
}
