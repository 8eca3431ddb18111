using FsCheck;
using FsCheck.Fluent;
using Millrace.Aggregates;
using Millrace.Testing;

namespace Millrace.Model.Tests.Aggregates;

public sealed class AggregateCacheTests
{
    private static readonly StreamId Stream = new("s-1");

    /// <summary>Compares the cache with a simple list of the least recently used aggregates.</summary>
    [Fact]
    public void The_cache_keeps_the_most_recently_used_aggregates_up_to_its_capacity() => Prop.ForAll(
        Gen.Choose(0, 23).ArrayOf().ToArbitrary(),
        Gen.Choose(0, 4).ToArbitrary(),
        (operations, capacity) =>
        {
            var cache = new AggregateCache(capacity, TimeProvider.System);
            var model = new List<(StreamId Stream, object State)>();
            foreach (var operation in operations)
            {
                var stream = new StreamId($"s-{operation % 8}");
                var expected = model.Find(kept => kept.Stream == stream).State;
                model.RemoveAll(kept => kept.Stream == stream);
                var turn = cache.Enter(stream, mayWait: false, CancellationToken.None);
                if (!turn.IsCompletedSuccessfully || turn.Result != new AggregateCacheEntry(true, expected))
                    return false;
                var state = operation < 16 ? new object() : null;
                cache.Leave(stream, state);
                if (state is not null)
                    model.Add((stream, state));
                if (model.Count > capacity)
                    model.RemoveAt(0);
                if (cache.Count != model.Count)
                    return false;
            }
            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task Callers_that_enter_one_stream_take_turns_and_each_gets_the_state_of_the_previous_one()
    {
        var cache = new AggregateCache(100, new ManualTimeProvider()); // No wait expires.
        var holders = 0;

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                var turn = await cache.Enter(Stream, mayWait: true, CancellationToken.None);
                Assert.True(turn.IsHeld);
                Assert.Equal(1, Interlocked.Increment(ref holders));
                var next = (int)(turn.State ?? 0) + 1;
                Interlocked.Decrement(ref holders);
                cache.Leave(Stream, next);
            }
        })));

        Assert.Equal(
            new AggregateCacheEntry(true, 8_000), await cache.Enter(Stream, mayWait: false, CancellationToken.None));
    }

    [Fact]
    public async Task A_caller_that_may_not_wait_continues_without_exclusive_access()
    {
        var cache = new AggregateCache(100, TimeProvider.System);
        await cache.Enter(Stream, mayWait: true, CancellationToken.None);

        var second = await cache.Enter(Stream, mayWait: false, CancellationToken.None);

        Assert.False(second.IsHeld);
    }

    [Fact]
    public async Task A_caller_that_gives_up_waiting_is_skipped()
    {
        var cache = new AggregateCache(100, new ManualTimeProvider()); // No wait expires.
        using var cancellation = new CancellationTokenSource();
        await cache.Enter(Stream, mayWait: true, CancellationToken.None);
        var second = cache.Enter(Stream, mayWait: true, cancellation.Token).AsTask();
        var third = cache.Enter(Stream, mayWait: true, CancellationToken.None).AsTask();

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        cache.Leave(Stream, "state");

        Assert.Equal(new AggregateCacheEntry(true, "state"), await third);
    }

    [Fact]
    public async Task A_caller_waits_only_for_a_limited_time()
    {
        var cache = new AggregateCache(100, TimeProvider.System);
        await cache.Enter(Stream, mayWait: true, CancellationToken.None);

        var second = await cache
            .Enter(Stream, mayWait: true, CancellationToken.None)
            .AsTask()
            .WaitAsync(TimeSpan.FromSeconds(60));

        Assert.False(second.IsHeld);
    }

    [Fact]
    public async Task An_offered_state_is_cached_unless_the_stream_is_in_use()
    {
        var cache = new AggregateCache(100, TimeProvider.System);
        cache.Offer(Stream, "offered");

        var first = await cache.Enter(Stream, mayWait: true, CancellationToken.None);
        cache.Offer(Stream, "too late");
        cache.Leave(Stream, null);

        Assert.Equal("offered", first.State);
        Assert.Equal(0, cache.Count);
    }
}
