using Millrace.Consuming.Partitions;

namespace Millrace.Tests;

/// <summary>Tests of the mapping from keys to partitions.</summary>
public sealed class PartitionKeysTests
{
    [Theory]
    [InlineData("", 3_130_599_718u)]
    [InlineData("order-1", 988_862_885u)]
    [InlineData("order-2", 3_940_785_067u)]
    [InlineData("2026-11-21", 1_748_656_671u)]
    [InlineData("Ä", 765_495_326u)]
    public void The_number_of_a_key_never_changes(string key, uint number) =>
        Assert.Equal(number, PartitionKeys.HashOf(key));

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(64)]
    public void Every_key_belongs_to_one_partition_and_no_partition_has_many_more_keys_than_others(int partitions)
    {
        var shares = PartitionKeys.All(partitions).ToArray();
        var keys = Enumerable.Range(0, 64_000).Select(number => $"order-{number}").ToArray();

        var counts = shares.Select(share => keys.Count(key => share.Owns(key))).ToArray();

        Assert.All(keys, key => Assert.Single(shares, share => share.Owns(key)));
        Assert.All(
            counts, count => Assert.InRange(count, 0.8 * keys.Length / partitions, 1.2 * keys.Length / partitions));
    }

    [Fact]
    public void With_a_multiple_of_partitions_each_is_part_of_one_former_partition()
    {
        var before = PartitionKeys.All(3).ToArray();
        foreach (var key in Enumerable.Range(0, 1_000).Select(number => $"ship/{number}"))
        {
            var after = PartitionKeys.All(12).Single(share => share.Owns(key));

            Assert.True(before[after.Partition % 3].Owns(key));
        }
    }

    [Fact]
    public void A_single_partition_has_all_keys() =>
        Assert.All(
            ["", "a", "b", "c"],
            key => Assert.True(default(PartitionKeys).Owns(key) && new PartitionKeys(0, 1).Owns(key)));
}
