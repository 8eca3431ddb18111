namespace Millrace;

/// <summary>How much of a value is explained.</summary>
public sealed class ExplanationOptions
{
    /// <summary>The most changes to tell, the last ones; from 0 to 10,000, 20 by default.</summary>
    public int Most { get; set; } = 20;

    /// <summary>The position of the log up to which events count; the end of the log by default.</summary>
    public long? Until { get; set; }

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Most);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Most, 10_000);
        if (Until is { } until)
            ArgumentOutOfRangeException.ThrowIfNegative(until, nameof(Until));
    }
}
