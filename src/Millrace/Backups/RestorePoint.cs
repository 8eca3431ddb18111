namespace Millrace;

/// <summary>The point as of which a store is restored.</summary>
/// <param name="Position">The last position of the log; null for another kind of point.</param>
/// <param name="Time">The time of the last event; null for another kind of point.</param>
public sealed record RestorePoint(long? Position, DateTimeOffset? Time)
{
    /// <summary>Gets the last point in the backup.</summary>
    public static RestorePoint Latest { get; } = new(null, null);

    /// <summary>Returns the point after a position.</summary>
    /// <param name="position">The position.</param>
    public static RestorePoint At(long position) => new(position, null);

    /// <summary>Returns the point after the last event that was recorded at a time or before.</summary>
    /// <param name="time">The time.</param>
    public static RestorePoint At(DateTimeOffset time) => new(null, time);
}
