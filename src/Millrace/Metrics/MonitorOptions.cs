namespace Millrace;

/// <summary>Options for the performance monitor.</summary>
public sealed class MonitorOptions
{
    /// <summary>The maximum of <see cref="SampleInterval"/>.</summary>
    internal static readonly TimeSpan MaxSampleInterval = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Gets or sets the stable name of the node in the history; null, the default, for the name of the machine. A
    /// further process with the same name gets a number, such as <c>web-2</c>.
    /// </summary>
    public string? Node { get; set; }

    /// <summary>Gets or sets the interval between samples; from 1 second to 1 minute, 10 seconds by default.</summary>
    public TimeSpan SampleInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets or sets how long the minutes are stored; from 2 hours to 90 days, 7 days by default.
    /// </summary>
    public TimeSpan MinuteRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// Gets or sets how long the hours are stored; from 1 day to 3,650 days, 365 days by default. It cannot be shorter
    /// than <see cref="MinuteRetention"/>.
    /// </summary>
    public TimeSpan HourRetention { get; set; } = TimeSpan.FromDays(365);

    /// <summary>
    /// Gets or sets the maximum number of series of a node; from 50 to 10,000, 1,000 by default. Further series are
    /// ignored, with a warning.
    /// </summary>
    public int MaxSeries { get; set; } = 1_000;

    /// <summary>Takes over the options that can change while the monitor runs.</summary>
    internal void Take(MonitorOptions changed) => (SampleInterval, MinuteRetention, HourRetention) =
        (changed.SampleInterval, changed.MinuteRetention, changed.HourRetention);

    internal MonitorOptions Copy() => (MonitorOptions)MemberwiseClone();

    internal IEnumerable<string> Problems()
    {
        if (Node is { } node && (node.Length is 0 or > 100 || node.Contains('\0', StringComparison.Ordinal)))
            yield return "Node: must have from 1 to 100 characters, without NUL.";
        if (SampleInterval < TimeSpan.FromSeconds(1) || SampleInterval > MaxSampleInterval)
            yield return $"SampleInterval: must be from 1 second to 1 minute, but is {SampleInterval}.";
        if (MinuteRetention < TimeSpan.FromHours(2) || MinuteRetention > TimeSpan.FromDays(90))
            yield return $"MinuteRetention: must be from 2 hours to 90 days, but is {MinuteRetention}.";
        if (HourRetention < TimeSpan.FromDays(1) || HourRetention > TimeSpan.FromDays(3_650))
            yield return $"HourRetention: must be from 1 day to 3,650 days, but is {HourRetention}.";
        else if (HourRetention < MinuteRetention)
            yield return "HourRetention: must not be shorter than MinuteRetention.";
        if (MaxSeries is < 50 or > 10_000)
            yield return $"MaxSeries: must be from 50 to 10,000, but is {MaxSeries:N0}.";
    }
}
