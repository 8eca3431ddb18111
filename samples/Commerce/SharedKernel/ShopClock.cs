namespace Commerce.SharedKernel;

/// <summary>
/// The shop's own time, at which things happen in it. It may run faster than the world's: a simulated day need not last
/// a day.
/// </summary>
public sealed class ShopClock(TimeProvider time, double speed = 1)
{
    private readonly Lock _lock = new();
    private DateTimeOffset _from = time.GetUtcNow();
    private long _since = time.GetTimestamp();

    /// <summary>How many seconds of the shop pass in one second of the world.</summary>
    public double Speed { get; } = speed;

    /// <summary>The moment, to the millisecond.</summary>
    public DateTimeOffset Now
    {
        get
        {
            lock (_lock)
            {
                var passed = time.GetElapsedTime(_since) * Speed;
                return _from + TimeSpan.FromMilliseconds(Math.Floor(passed.TotalMilliseconds));
            }
        }
    }

    /// <summary>Goes on from a moment, where the shop closed.</summary>
    public void ResumeFrom(DateTimeOffset moment)
    {
        lock (_lock)
            (_from, _since) = (moment, time.GetTimestamp());
    }
}
