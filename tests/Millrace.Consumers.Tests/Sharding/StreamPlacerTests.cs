using Millrace.Sharding;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>Tests of what a node remembers about the shards of streams.</summary>
public sealed class StreamPlacerTests
{
    [Fact]
    public async Task The_place_of_a_stream_is_forgotten_after_a_restore_of_its_shard()
    {
        await using var stores = await TwoStores.Open();
        var placer = new StreamPlacer(stores, new MapFences());
        var stream = new StreamId("order-1");
        var shard = stores.Map.Place(stream.Value);
        placer.RecordKnown(stream, shard, logEpoch: 1);
        var before = await placer.Find(stream, default);

        // A restored store starts a new epoch, and its backup may not contain the stream.
        var restored = stores.StoreOf(shard);
        await restored.Storage.Maintenance.StartEpoch(default);
        await Eventually.Until(() => restored.Tail.Head.Epoch == 2);
        var after = await placer.Find(stream, default);

        Assert.True(before.IsKnown);
        Assert.False(after.IsKnown);
        Assert.Equal(shard, after.Shard);
        placer.RecordKnown(stream, shard, logEpoch: 2);
        Assert.True((await placer.Find(stream, default)).IsKnown);
    }

    [Fact]
    public async Task A_commit_succeeds_although_its_shard_becomes_unavailable_after_it()
    {
        await using var stores = await TwoStores.Open();
        var fences = new MapFences();
        var commits = new ShardedCommits(stores, new StreamPlacer(stores, fences), fences);
        // By both maps, the stream begins in the home shard, which is therefore not searched for it.
        var stream = Enumerable.Range(1, 100)
            .Select(static i => new StreamId($"order-{i}"))
            .First(one => stores.Map.Candidates(one.Value).Count == 1);
        var append = new AppendRequest().To(
            stream, ExpectedVersion.NoStream, [NewEvent.FromBytes("shop.opened", "{}"u8.ToArray())]);
        var request = stores.StoreOf(stores.Map.Home).Encode(append);

        stores.UsesUntilFailure = 1;
        var outcome = await commits.Commit(request, isBackground: false, default);

        Assert.Null(outcome.Refusal);
        Assert.Equal(0, stores.UsesUntilFailure);
    }

    private sealed class TwoStores : IShardStores
    {
        private readonly Dictionary<ShardId, EventStore> _stores = [];

        /// <summary>Gets or sets the number of uses after which the shards are not available.</summary>
        public int UsesUntilFailure { get; set; } = int.MaxValue;

        public ShardMap Map { get; private set; } = null!; // Open sets it.

        public TimeProvider Time => TimeProvider.System;

        public static async Task<TwoStores> Open()
        {
            var stores = new TwoStores();
            foreach (var name in new[] { "one", "two" })
            {
                stores._stores[new ShardId(name)] = await EventStore.Open(new InMemoryStorage(), EventTypeMap.Empty);
                var record = new ShardRecord(new ShardId(name), Guid.Empty, DateTimeOffset.UnixEpoch, "");
                stores.Map = stores.Map is null
                    ? ShardMap.Create(Guid.Empty, ShardPlacement.Stream, record)
                    : stores.Map.Add(record);
            }
            return stores;
        }

        public ValueTask Open(CancellationToken cancellationToken) => default;

        public ValueTask Reload(CancellationToken cancellationToken) => default;

        public EventStore StoreOf(ShardId shard) => UsesUntilFailure-- > 0
            ? _stores[shard]
            : throw new ShardUnavailableException(shard, "the test has disconnected it.");

        public async ValueTask DisposeAsync()
        {
            foreach (var store in _stores.Values)
                await store.DisposeAsync();
        }
    }
}
