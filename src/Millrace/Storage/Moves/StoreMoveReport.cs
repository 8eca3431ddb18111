namespace Millrace.Storage.Moves;

/// <summary>The result of a move, or of a plan.</summary>
public sealed record StoreMoveReport
{
    /// <summary>Gets the description of the moved store.</summary>
    public required string From { get; init; }

    /// <summary>Gets the description of the target.</summary>
    public required string To { get; init; }

    /// <summary>Gets the end of the log.</summary>
    public required LogHead Head { get; init; }

    /// <summary>
    /// Gets the number of events that were written to the target. For a plan, this is the number of positions that the
    /// target lacks.
    /// </summary>
    public long Events { get; init; }

    /// <summary>
    /// Gets the number of rows outside the log, such as documents and claims, that were written or removed.
    /// </summary>
    public long Rows { get; init; }

    /// <summary>Gets the number of compared segments of the log.</summary>
    public long Segments { get; init; }

    /// <summary>Gets how long writers waited.</summary>
    public TimeSpan WriterWaitTime { get; init; }

    /// <summary>Gets how long the move took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Gets the tables of the application in the source's database, which are not moved.</summary>
    public IReadOnlyList<string> NotMoved { get; init; } = [];
}
