namespace Commerce.Choreography;

/// <summary>A clock that is ahead.</summary>
internal sealed class OffsetClock(TimeSpan by) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
}
