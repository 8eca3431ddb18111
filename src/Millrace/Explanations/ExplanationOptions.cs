namespace Millrace;

/// <summary>How much of a value is explained.</summary>
public sealed class ExplanationOptions
{
    /// <summary>
    /// The most changes to tell, the last ones; from 0 to 10,000, 20 by default. Fewer are told where their values and
    /// payloads together take more than 8 MiB; <see cref="Explanation.ChangeCount"/> counts all.
    /// </summary>
    public int Most { get; set; } = 20;

    /// <summary>
    /// The position of the log up to which events count, as right after the event there was recorded; null for now,
    /// which is the default.
    /// </summary>
    public long? Until
    {
        get => Moment.Position;
        set => Moment = value is { } position ? HistoryMoment.At(position) : HistoryMoment.Now;
    }

    /// <summary>The moment up to which events and deletions count; now by default. Setting <see cref="Until"/> sets
    /// it.</summary>
    public HistoryMoment Moment { get; set; }

    /// <summary>
    /// How long to search; from 1 ms to 1 h, 30 s by default, beside up to a minute's wait for other searches. When it
    /// is over, what was found so far is told, with <see cref="Explanation.IsComplete"/> false.
    /// </summary>
    public TimeSpan TimeLimit { get; set; } = SearchLimit.Usual;

    /// <summary>
    /// Goes on where an earlier search for the same value stopped: its <see cref="Explanation.Continuation"/>. Null,
    /// which is the default, to begin with the first event.
    /// </summary>
    public string? GoOnFrom { get; set; }

    internal void Check()
    {
        SearchLimit.Check(TimeLimit);
        ArgumentOutOfRangeException.ThrowIfNegative(Most);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Most, 10_000);
    }
}
