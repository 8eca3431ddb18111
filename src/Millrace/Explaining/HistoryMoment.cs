namespace Millrace;

/// <summary>A moment in the history of a store. It is a position of the log, a time or, by default, now.</summary>
/// <remarks>
/// Events have positions, but deletions of streams and decisions about dead letters have times. A moment with a time
/// includes events, deletions and decisions up to that time. A moment with a position is the moment after the event at
/// this position was recorded. It includes deletions and decisions up to that event's time.
/// </remarks>
public readonly record struct HistoryMoment
{
    private HistoryMoment(long? position, DateTimeOffset? time) => (Position, Time) = (position, time);

    /// <summary>Gets the present moment, which includes all events, deletions and decisions.</summary>
    public static HistoryMoment Now => default;

    /// <summary>Gets the position; null for a time, and for now.</summary>
    public long? Position { get; }

    /// <summary>Gets the time; null for a position, and for now.</summary>
    public DateTimeOffset? Time { get; }

    /// <summary>Returns the moment immediately after the event at a position was recorded.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The position is less than 0.</exception>
    public static HistoryMoment At(long position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        return new(position, null);
    }

    /// <summary>Returns the moment of a time.</summary>
    public static HistoryMoment At(DateTimeOffset time) => new(null, time);
}
