namespace Millrace.Anomalies;

/// <summary>The median of values.</summary>
internal static class Median
{
    /// <summary>Returns the median. Sorts the values.</summary>
    public static double Of(Span<double> values)
    {
        values.Sort();
        var middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : values[middle - 1] / 2 + values[middle] / 2;
    }
}
