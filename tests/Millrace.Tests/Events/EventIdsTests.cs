using System.Collections.Concurrent;
using Millrace.Events;

namespace Millrace.Tests.Events;

public sealed class EventIdsTests
{
    private static readonly DateTimeOffset Time = new(2026, 11, 21, 15, 36, 0, 123, TimeSpan.Zero);

    [Fact]
    public void An_id_starts_with_its_time_as_the_systems_own_does()
    {
        var (ours, theirs) = (EventIds.New(Time), Guid.CreateVersion7(Time));

        Assert.Equal(7, ours.Version);
        Assert.Equal(theirs.Variant & 0b1100, ours.Variant & 0b1100);
        Assert.Equal(theirs.ToString()[..15], ours.ToString()[..15]);
    }

    [Fact]
    public void Ids_of_one_moment_are_different_whichever_thread_makes_them()
    {
        var made = new ConcurrentDictionary<Guid, bool>();

        Parallel.For(0, 20_000, _ => Assert.True(made.TryAdd(EventIds.New(Time), true)));

        Assert.All(made.Keys, static id => Assert.Equal(7, id.Version));
    }

    [Fact]
    public void Ids_of_one_millisecond_stand_in_the_order_of_their_times()
    {
        var ids = Enumerable.Range(0, 1_000).Select(i => EventIds.New(Time.AddMicroseconds(i)).ToString()).ToList();

        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.All(ids, id => Assert.Equal(ids[0][..13], id[..13]));
    }

    [Fact]
    public void Times_before_1970_have_none() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => EventIds.New(DateTimeOffset.UnixEpoch.AddMilliseconds(-1)));
}
