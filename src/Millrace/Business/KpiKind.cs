namespace Millrace;

/// <summary>Specifies how the values of a business figure are combined.</summary>
public enum KpiKind
{
    /// <summary>The exact sum of the values, such as revenue.</summary>
    Sum,

    /// <summary>The number of things, such as orders. It is a sum of numbers.</summary>
    Count,

    /// <summary>The mean of the values, such as the satisfaction of customers.</summary>
    Mean,

    /// <summary>A part of a whole, such as availability.</summary>
    Ratio,

    /// <summary>The mean of durations in seconds, with percentiles.</summary>
    Duration,
}
