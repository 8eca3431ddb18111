namespace Millrace.Storage.Moves;

/// <summary>Options of a move. The move reads them when it is created, and later changes have no effect.</summary>
public sealed class StoreMoveOptions
{
    /// <summary>
    /// Gets or sets the number of positions that are compared with one hash; from 100 to 1,000,000, 10,000 by default.
    /// </summary>
    public int SegmentPositions { get; set; } = 10_000;

    /// <summary>
    /// Gets or sets the number of events that are written in one transaction; from 1 to 100,000, 5,000 by default.
    /// </summary>
    public int PageEvents { get; set; } = 5_000;

    /// <summary>
    /// Gets or sets the maximum time that writers wait while the store is switched. After this time, writers continue,
    /// and the switch is retried when less data remains to be copied. From 50 milliseconds to 1 minute, 800
    /// milliseconds by default.
    /// </summary>
    public TimeSpan LongestHold { get; set; } = TimeSpan.FromMilliseconds(800);

    internal StoreMoveOptions Copy() => (StoreMoveOptions)MemberwiseClone();

    internal IEnumerable<string> Problems()
    {
        if (SegmentPositions is < 100 or > 1_000_000)
            yield return $"SegmentPositions: must be from 100 to 1,000,000, but is {SegmentPositions:N0}.";
        if (PageEvents is < 1 or > 100_000)
            yield return $"PageEvents: must be from 1 to 100,000, but is {PageEvents:N0}.";
        if (LongestHold < TimeSpan.FromMilliseconds(50) || LongestHold > TimeSpan.FromMinutes(1))
            yield return $"LongestHold: must be from 50 milliseconds to 1 minute, but is {LongestHold}.";
    }
}
