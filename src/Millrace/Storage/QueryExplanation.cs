namespace Millrace;

/// <summary>The plan of a query, with the measurement of one execution.</summary>
public sealed record QueryExplanation
{
    /// <summary>Gets the query in words; the store sets it.</summary>
    public string Query { get; init; } = "";

    /// <summary>Gets the plan.</summary>
    public required QueryPlan Plan { get; init; }

    /// <summary>Gets the number of rows that the query returned.</summary>
    public required long Rows { get; init; }

    /// <summary>
    /// Gets the number of rows that the storage read to find the returned rows; null if the database does not count
    /// them.
    /// </summary>
    public long? ReadRows { get; init; }

    /// <summary>Gets the measured duration in the storage.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>
    /// Gets the work of the execution in a unit of the database: the steps of SQLite's virtual machine, or the
    /// cost that PostgreSQL's planner estimated. Null in memory.
    /// </summary>
    public double? DatabaseCost { get; init; }
}
