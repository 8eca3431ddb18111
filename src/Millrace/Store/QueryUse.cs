namespace Millrace;

/// <summary>How often queries of a shape were executed.</summary>
public sealed record QueryUse
{
    /// <summary>Gets the shape.</summary>
    public required QueryShape Shape { get; init; }

    /// <summary>Gets the number of executions.</summary>
    public long Count { get; init; }

    /// <summary>Gets the number of returned or counted rows.</summary>
    public long Rows { get; init; }

    /// <summary>Gets the total time in the storage.</summary>
    public TimeSpan TotalTime { get; init; }

    /// <summary>Gets when the first query of this shape was recorded.</summary>
    public DateTimeOffset FirstUse { get; init; }

    /// <summary>Gets when the last query of this shape was recorded.</summary>
    public DateTimeOffset LastUse { get; init; }

    /// <summary>Returns the sum of two records of the same shape.</summary>
    internal QueryUse Add(QueryUse other) => this with
    {
        Count = Count + other.Count,
        Rows = Rows + other.Rows,
        TotalTime = TotalTime + other.TotalTime,
        FirstUse = FirstUse < other.FirstUse ? FirstUse : other.FirstUse,
        LastUse = LastUse > other.LastUse ? LastUse : other.LastUse,
    };
}
