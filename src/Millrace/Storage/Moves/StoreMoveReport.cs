namespace Millrace.Storage.Moves;

/// <summary>What a move has done, or would do.</summary>
public sealed record StoreMoveReport
{
    /// <summary>The store that is moved.</summary>
    public required string From { get; init; }

    /// <summary>Where it is moved to.</summary>
    public required string To { get; init; }

    /// <summary>The end of the log.</summary>
    public required LogHead Head { get; init; }

    /// <summary>How many events were written to the target; of a plan, how many positions it lacks.</summary>
    public long Events { get; init; }

    /// <summary>How many rows beside the log, such as documents and claims, were written or removed there.</summary>
    public long Rows { get; init; }

    /// <summary>How many segments of the log were compared.</summary>
    public long Segments { get; init; }

    /// <summary>How long writers were held up.</summary>
    public TimeSpan Held { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Took { get; init; }

    /// <summary>Tables of the application's own in the source's database: they are not moved.</summary>
    public IReadOnlyList<string> NotMoved { get; init; } = [];
}
