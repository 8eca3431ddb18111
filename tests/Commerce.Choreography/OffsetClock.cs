namespace Commerce.Choreography;

/// <summary>A clock that is ahead of the system clock by an offset.</summary>
internal sealed class OffsetClock(TimeSpan offset) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + offset;
}
