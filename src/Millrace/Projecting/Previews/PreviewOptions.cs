namespace Millrace;

/// <summary>Options for a preview.</summary>
public sealed class PreviewOptions
{
    /// <summary>
    /// Gets or sets the maximum number of examples of each read model; from 0 to 10,000, 10 by default.
    /// </summary>
    public int Examples { get; set; } = 10;

    /// <summary>
    /// Gets or sets the sample size. The preview folds and compares one of this many documents, selected by their keys.
    /// From 1 to 1,000,000; 1 by default (all documents). All events are read in any case.
    /// </summary>
    public int OneOf { get; set; } = 1;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Examples);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Examples, 10_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(OneOf, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(OneOf, 1_000_000);
    }
}
