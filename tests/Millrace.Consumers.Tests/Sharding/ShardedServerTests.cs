using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>Tests one application over two PostgreSQL servers.</summary>
public sealed class ShardedServerTests
{
    [PostgreSqlFact]
    public async Task No_append_is_lost_or_repeated_when_a_server_is_added_and_crashes_while_two_nodes_write()
    {
        await using var one = await PostgreSqlServer.Start();
        await using var two = await PostgreSqlServer.Start();
        await using var first = await ShardedHarbour.Start(millrace => Use(millrace, one, two));
        await using var second = await ShardedHarbour.Start(millrace => Use(millrace, one, two));
        await first.Shards.Drain(new ShardId("two"));
        var writers = new[] { new ShardWriter(first, "a"), new ShardWriter(second, "b") };
        var running = writers.Select(writer => Task.Run(writer.Run)).ToArray();
        await Eventually.Until(() => writers.All(writer => writer.Acknowledged > 5));

        await first.Shards.SetWeight(new ShardId("two"), 1);
        await Eventually.Until(() => writers.All(writer => writer.InShard("two") > 5));
        await two.Crash();
        await Eventually.Until(() => writers.All(writer => writer.Unavailable > 3));
        await two.Restart();
        var before = writers.Select(writer => writer.InShard("two")).ToArray();
        await Eventually.Until(() => writers.Zip(before).All(pair => pair.First.InShard("two") > pair.Second));
        foreach (var writer in writers)
            writer.Stop();
        await Task.WhenAll(running);

        foreach (var writer in writers)
            await writer.AssertAllRead(first);
    }

    private static void Use(MillraceBuilder millrace, PostgreSqlServer one, PostgreSqlServer two) =>
        millrace.UseShards(shards => shards
            .Add("one", store => store.UsePostgreSql(one.ConnectionString()))
            .Add("two", store => store.UsePostgreSql(two.ConnectionString()))
            .PlaceByStream().Configure(ShardApp.UseShortIntervals));
}
