namespace Commerce.SharedKernel;

/// <summary>
/// The clock of the shop. The clock may run faster than real time, so that a simulated day is shorter than a real day.
/// </summary>
public sealed class ShopClock(TimeProvider time, double speed = 1)
{
    private readonly Lock _lock = new();
    private DateTimeOffset _startTime = time.GetUtcNow();
    private long _startTimestamp = time.GetTimestamp();

    /// <summary>The number of shop seconds in one real second.</summary>
    public double Speed { get; } = speed;

    /// <summary>The current time of the shop, in milliseconds precision.</summary>
    public DateTimeOffset Now
    {
        get
        {
            lock (_lock)
            {
                var passed = time.GetElapsedTime(_startTimestamp) * Speed;
                return _startTime + TimeSpan.FromMilliseconds(Math.Floor(passed.TotalMilliseconds));
            }
        }
    }

    /// <summary>Continues from the time at which the shop closed.</summary>
    public void ResumeFrom(DateTimeOffset moment)
    {
        lock (_lock)
            (_startTime, _startTimestamp) = (moment, time.GetTimestamp());
    }
}
