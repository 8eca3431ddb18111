namespace Millrace.Tests.Metrics;

/// <summary>A clock whose time and stopwatch a test advances.</summary>
internal sealed class VirtualClock : TimeProvider
{
    private DateTimeOffset _now = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _now;

    public override long GetTimestamp() => _now.UtcTicks;

    public void Advance(TimeSpan by) => _now += by;
}
