namespace Millrace.Materializing;

/// <summary>How often a view is read, as stored for all nodes.</summary>
/// <param name="Reads">The number of reads.</param>
/// <param name="PerMinute">The reads per minute at <paramref name="At"/>: recent reads count more, and the weight of a
/// read halves every five minutes.</param>
/// <param name="At">The time of the last change.</param>
internal sealed record ViewUse(long Reads, double PerMinute, DateTimeOffset At)
{
    private const double HalfLifeMinutes = 5;

    /// <summary>Returns the reads per minute at a later time.</summary>
    public double RateAt(DateTimeOffset now)
    {
        var minutes = (now - At).TotalMinutes;
        return minutes <= 0 ? PerMinute : PerMinute * Math.Pow(0.5, minutes / HalfLifeMinutes);
    }

    /// <summary>Returns the use after further reads. The integral of the weights over all time is one.</summary>
    public ViewUse Add(long reads, DateTimeOffset now) =>
        new(Reads + reads, RateAt(now) + (reads * Math.Log(2) / HalfLifeMinutes), now > At ? now : At);
}
