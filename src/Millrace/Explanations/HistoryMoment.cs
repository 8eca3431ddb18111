namespace Millrace;

/// <summary>A moment of the history of a store: a position of the log, a time, or now, which is the default.</summary>
/// <remarks>
/// Events have positions, but deletions of streams and decisions about dead letters have times. At a time all three
/// count up to then. At a position it is right after the event there was recorded: deletions and decisions count up to
/// that event's time.
/// </remarks>
public readonly record struct HistoryMoment
{
    private HistoryMoment(long? position, DateTimeOffset? time) => (Position, Time) = (position, time);

    /// <summary>The present: all that was recorded, deleted and decided.</summary>
    public static HistoryMoment Now => default;

    /// <summary>The position; null for a time, and for now.</summary>
    public long? Position { get; }

    /// <summary>The time; null for a position, and for now.</summary>
    public DateTimeOffset? Time { get; }

    /// <summary>Right after the event at a position was recorded.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The position is less than 0.</exception>
    public static HistoryMoment At(long position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        return new(position, null);
    }

    /// <summary>A time.</summary>
    public static HistoryMoment At(DateTimeOffset time) => new(null, time);
}
