using System.Collections.Concurrent;
using Millrace.Events;

namespace Millrace.Tests.Events;

public sealed class EventIdsTests
{
    private static readonly DateTimeOffset Time = new(2026, 11, 21, 15, 36, 0, 123, TimeSpan.Zero);

    [Fact]
    public void An_id_starts_with_its_time_like_a_version_7_Guid()
    {
        var (id, dotNetId) = (EventIds.New(Time), Guid.CreateVersion7(Time));

        Assert.Equal(7, id.Version);
        Assert.Equal(dotNetId.Variant & 0b1100, id.Variant & 0b1100);
        Assert.Equal(dotNetId.ToString()[..15], id.ToString()[..15]);
    }

    [Fact]
    public void Ids_of_the_same_time_from_several_threads_are_unique()
    {
        var createdIds = new ConcurrentDictionary<Guid, bool>();

        Parallel.For(0, 20_000, _ => Assert.True(createdIds.TryAdd(EventIds.New(Time), true)));

        Assert.All(createdIds.Keys, static id => Assert.Equal(7, id.Version));
    }

    [Fact]
    public void Ids_of_one_millisecond_are_ordered_by_their_times()
    {
        var ids = Enumerable.Range(0, 1_000).Select(i => EventIds.New(Time.AddMicroseconds(i)).ToString()).ToList();

        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.All(ids, id => Assert.Equal(ids[0][..13], id[..13]));
    }

    [Fact]
    public void A_time_before_1970_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => EventIds.New(DateTimeOffset.UnixEpoch.AddMilliseconds(-1)));
}
