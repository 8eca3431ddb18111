namespace Millrace.Anomalies;

/// <summary>The settings of a detector: the same for every series.</summary>
internal sealed record AnomalySettings
{
    public static AnomalySettings Default { get; } = new();

    /// <summary>Gets the evidence that an anomaly needs, as a negative decimal logarithm of probabilities.</summary>
    public double Threshold { get; init; } = 4.6;

    /// <summary>Gets the number of deviations of which the largest is kept.</summary>
    public int TailBlockSize { get; init; } = 6;
    public int TailBlocks { get; init; } = 500;

    /// <summary>Gets the share of the kept deviations that determines the tail.</summary>
    public double TailShare { get; init; } = 0.05;

    /// <summary>Gets the number of values whose mean deviation shows a change of the level.</summary>
    public int LevelValues { get; init; } = 6;

    /// <summary>Gets the number of recent values whose variation is compared with the values before.</summary>
    public int CalmValues { get; init; } = 16;
    public int CalmReference { get; init; } = 288;

    public int PatternLength { get; init; } = 8;
    public int PatternStride { get; init; } = 3;
    public int Patterns { get; init; } = 1_000;
    public int Neighbours { get; init; } = 5;

    /// <summary>Gets the parts of the day, and the days that determine what is usual.</summary>
    public int DayParts { get; init; } = 24;
    public int Days { get; init; } = 14;
    public int WeekParts { get; init; } = 168;
    public int Weeks { get; init; } = 6;

    /// <summary>Gets the weight of the newest error when the best expectation is chosen.</summary>
    public double ErrorWeight { get; init; } = 0.002;

    /// <summary>Gets the maximum number of values in which further evidence belongs to the same anomaly.</summary>
    public int QuietValues { get; init; } = 150;

    /// <summary>Gets the share of all values so far that limits this number while the series is short.</summary>
    public double QuietShare { get; init; } = 0.05;

    /// <summary>Gets the time in which further evidence belongs to the same anomaly.</summary>
    public TimeSpan QuietTime { get; init; } = TimeSpan.FromHours(12);
}
