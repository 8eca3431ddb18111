namespace Millrace;

/// <summary>The result of building an advised index: the same query before and after, on the real documents.</summary>
public sealed record AppliedIndex
{
    /// <summary>Gets the index.</summary>
    public required AdvisedIndex Index { get; init; }

    /// <summary>Gets the execution before the index was built.</summary>
    public required QueryExplanation Before { get; init; }

    /// <summary>Gets the execution after the index was built.</summary>
    public required QueryExplanation After { get; init; }

    /// <summary>Gets how long the build took.</summary>
    public required TimeSpan BuildTime { get; init; }
}
