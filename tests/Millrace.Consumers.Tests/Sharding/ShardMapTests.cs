using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Millrace.Sharding;

namespace Millrace.Tests;

/// <summary>Tests of the map of shards and of the placement of keys, without any storage.</summary>
public sealed class ShardMapTests
{
    private static readonly DateTimeOffset Day = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Guid Catalog = new("00000000-0000-0000-0000-000000000001");

    [Theory]
    [InlineData("eu-1")]
    [InlineData("0")]
    [InlineData("a-shard-with-exactly-32-letters-")]
    public void Names_of_shards_are_accepted(string name) => Assert.Equal(name, new ShardId(name).Value);

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("EU")]
    [InlineData("eu_1")]
    [InlineData("a/b")]
    [InlineData("a-shard-with-more-than-32-letters")]
    public void Other_names_are_refused(string name)
    {
        Assert.False(ShardId.TryParse(name, out _));
        var refused = Assert.Throws<InvalidNameException>(() => new ShardId(name));

        Assert.Equal("shard", refused.Kind);
    }

    // A change of these values moves stored streams to other shards: it must never happen.
    [Theory]
    [InlineData("acme", "shard-1")]
    [InlineData("order-1", "shard-1")]
    [InlineData("order-2", "shard-0")]
    [InlineData("größe-✓", "shard-2")]
    public void Places_never_change(string key, string shard) => Assert.Equal(shard, MapOf(3).Place(key).Value);

    [Fact]
    public void A_new_shard_takes_keys_from_others_and_moves_no_other_keys() =>
        Prop.ForAll(Weights().ToArbitrary(), weights =>
        {
            var before = MapOf(weights);
            var added = new ShardId("added");

            var after = before.Add(RecordOf(added), 1);

            return Keys(300).All(key => after.Place(key) == before.Place(key) || after.Place(key) == added);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    [Fact]
    public void A_drained_shard_gives_its_keys_to_others_and_moves_no_other_keys() =>
        Prop.ForAll(Weights().Where(static weights => weights.Length > 1).ToArbitrary(), weights =>
        {
            var before = MapOf(weights);
            var drained = before.Shards[weights.Length / 2].Shard;

            var after = before.SetWeight(drained, 0, Day);

            return Keys(300).All(key =>
                before.Place(key) == drained ? after.Place(key) != drained : after.Place(key) == before.Place(key));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    [Fact]
    public void A_higher_weight_only_moves_keys_to_the_shard() =>
        Prop.ForAll(Weights().ToArbitrary(), weights =>
        {
            var before = MapOf(weights);
            var raised = before.Shards[^1].Shard;

            var after = before.SetWeight(raised, weights[^1] + 3, Day);

            return Keys(300).All(key => after.Place(key) == before.Place(key) || after.Place(key) == raised);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(100)]
    public void Keys_are_distributed_evenly(int shards)
    {
        const int KeysPerShard = 400;
        var map = MapOf(shards);

        var counts = Keys(shards * KeysPerShard).CountBy(map.Place).Select(static pair => pair.Value).ToList();

        Assert.Equal(shards, counts.Count);
        // Six standard deviations of a random distribution are 120 keys.
        Assert.All(counts, static count => Assert.InRange(count, KeysPerShard - 120, KeysPerShard + 120));
    }

    [Fact]
    public void Shares_are_proportional_to_weights()
    {
        var map = MapOf([1, 2, 5]);

        var counts = Keys(16_000).CountBy(map.Place)
            .ToDictionary(static pair => pair.Key.Value, static pair => pair.Value);

        Assert.InRange(counts["shard-0"], 1_750, 2_250);
        Assert.InRange(counts["shard-1"], 3_700, 4_300);
        Assert.InRange(counts["shard-2"], 9_600, 10_400);
    }

    [Fact]
    public void Candidates_are_the_places_of_all_generations_newest_first()
    {
        var map = MapOf(1, ShardPlacement.Stream);
        for (var i = 1; i < 8; i++)
            map = map.Add(RecordOf(new ShardId($"shard-{i}")), 1);

        foreach (var key in Keys(100))
        {
            var candidates = map.Candidates(key);
            Assert.Equal(map.Place(key), candidates[0]);
            Assert.Equal("shard-0", candidates[^1].Value);
            Assert.Equal(candidates.Distinct(), candidates);
        }
    }

    [Fact]
    public void A_map_of_tenants_keeps_few_generations_and_a_map_of_streams_all()
    {
        var tenants = MapOf(40);
        var streams = MapOf(40, ShardPlacement.Stream);

        Assert.Equal(40, streams.Generations.Count);
        Assert.Equal(10, tenants.Generations.Count);
        Assert.Equal(40, tenants.Newest.Number);
    }

    [Fact]
    public void The_stored_form_contains_the_whole_map()
    {
        var map = MapOf([1, 2, 0, 5]).SetWeight(new ShardId("shard-1"), 0, Day.AddDays(1));

        var json = JsonSerializer.SerializeToUtf8Bytes(
            new StoredShardMap(map, map.Add(RecordOf(new ShardId("next")), 1)), ShardingJson.Default.StoredShardMap);
        var read = JsonSerializer.Deserialize(json, ShardingJson.Default.StoredShardMap)!;

        Assert.Equal(
            json, JsonSerializer.SerializeToUtf8Bytes(read, ShardingJson.Default.StoredShardMap));
        Assert.Equal(map.Version, read.Current.Version);
        Assert.All(Keys(50), key => Assert.Equal(map.Place(key), read.Current.Place(key)));
    }

    [Fact]
    public void A_change_without_effect_returns_the_same_map()
    {
        var map = MapOf([1, 2]);

        Assert.Same(map, map.SetWeight(new ShardId("shard-1"), 2, Day));
    }

    [Fact]
    public void A_shard_can_be_added_without_new_keys()
    {
        var map = MapOf(2);

        var after = map.Add(RecordOf(new ShardId("later")), 0);

        Assert.Equal(map.Version + 1, after.Version);
        Assert.Equal(map.Newest, after.Newest);
        Assert.All(Keys(50), key => Assert.NotEqual("later", after.Place(key).Value));
    }

    [Fact]
    public void Wrong_changes_are_refused_with_the_reason()
    {
        var map = MapOf(2);

        var twice = Assert.Throws<ShardMapException>(() => map.Add(RecordOf(new ShardId("shard-1")), 1));
        var unknown = Assert.Throws<ShardMapException>(() => map.SetWeight(new ShardId("mars"), 1, Day));
        var last = Assert.Throws<ShardMapException>(() => MapOf(1).SetWeight(new ShardId("shard-0"), 0, Day));

        Assert.Contains("already contains", twice.Message, StringComparison.Ordinal);
        Assert.Contains("shard-0, shard-1", unknown.Message, StringComparison.Ordinal);
        Assert.Contains("no other shard", last.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => map.SetWeight(new ShardId("shard-1"), 101, Day));
    }

    private static Gen<int[]> Weights() =>
        from count in Gen.Choose(1, 12)
        from weights in Gen.Choose(1, 6).ArrayOf(count)
        select weights;

    private static IEnumerable<string> Keys(int count) => Enumerable.Range(0, count).Select(i => $"tenant-{i}");

    private static ShardMap MapOf(int shards, ShardPlacement placement = ShardPlacement.Tenant) =>
        MapOf([.. Enumerable.Repeat(1, shards)], placement);

    private static ShardMap MapOf(int[] weights, ShardPlacement placement = ShardPlacement.Tenant)
    {
        var map = ShardMap.Create(Catalog, placement, RecordOf(new ShardId("shard-0")), weights[0]);
        for (var i = 1; i < weights.Length; i++)
            map = map.Add(RecordOf(new ShardId($"shard-{i}")), weights[i]);
        return map;
    }

    private static ShardRecord RecordOf(ShardId shard) => new(shard, Catalog, Day, "memory");
}
