namespace Millrace.Testing.Tests;

public sealed class ManualTimeProviderTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Time_does_not_change_until_it_is_advanced()
    {
        var before = _time.GetUtcNow();
        var started = _time.GetTimestamp();

        Assert.Equal(before, _time.GetUtcNow());
        _time.Advance(TimeSpan.FromMinutes(3));

        Assert.Equal(before + TimeSpan.FromMinutes(3), _time.GetUtcNow());
        Assert.Equal(TimeSpan.FromMinutes(3), _time.GetElapsedTime(started));
        Assert.Throws<ArgumentOutOfRangeException>(() => _time.Advance(TimeSpan.FromTicks(-1)));
    }

    [Fact]
    public async Task A_delay_completes_when_its_time_is_reached()
    {
        var delay = Task.Delay(TimeSpan.FromSeconds(10), _time);
        await _time.WaitForTimers(1);

        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(delay.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));

        await delay.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(0, _time.ArmedTimers);
    }

    [Fact]
    public void Timers_fire_in_order_and_at_their_due_times()
    {
        var begin = _time.GetUtcNow();
        var fired = new List<(string Name, double Seconds)>();
        TimerCallback Record(string name) => _ => fired.Add((name, (_time.GetUtcNow() - begin).TotalSeconds));
        using var late = _time.CreateTimer(Record("late"), null, TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);
        using var every = _time.CreateTimer(Record("every"), null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));
        using var gone = _time.CreateTimer(Record("gone"), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        gone.Dispose();

        _time.Advance(TimeSpan.FromSeconds(7));

        Assert.Equal([("every", 2), ("every", 4), ("late", 5), ("every", 6)], fired);
    }

    [Fact]
    public void The_clock_can_be_set_back()
    {
        _time.SetUtcNow(DateTimeOffset.UnixEpoch);

        Assert.Equal(DateTimeOffset.UnixEpoch, _time.GetUtcNow());
    }
}
