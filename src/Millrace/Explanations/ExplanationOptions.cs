namespace Millrace;

/// <summary>How much of a value is explained.</summary>
public sealed class ExplanationOptions
{
    /// <summary>
    /// The most changes to tell, the last ones; from 0 to 10,000, 20 by default. Fewer are told where their values and payloads together
    /// take more than 8 MiB; <see cref="Explanation.ChangeCount"/> counts all.
    /// </summary>
    public int Most { get; set; } = 20;

    /// <summary>
    /// The position of the log up to which events count, as right after the event there was recorded; null for now, which is the default.
    /// </summary>
    public long? Until
    {
        get => Moment.Position;
        set => Moment = value is { } position ? HistoryMoment.At(position) : HistoryMoment.Now;
    }

    /// <summary>The moment up to which events and deletions count; now by default. Setting <see cref="Until"/> sets it.</summary>
    public HistoryMoment Moment { get; set; }

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Most);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Most, 10_000);
    }
}
