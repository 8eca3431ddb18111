using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Cli.Tests;

/// <summary>
/// An application whose streams are in two files, <c>one.db</c> and <c>two.db</c>. Each has a dead letter of its
/// read model.
/// </summary>
internal sealed partial class ShardedApp
{
    /// <summary>The name of the file that names both stores.</summary>
    public const string StoreList = "shards.json";

    /// <summary>Creates the stores and the file, and ends the application.</summary>
    /// <returns>One stream of each shard, by the name of the shard. Its last two events are dead letters.</returns>
    public static async Task<Dictionary<string, string>> Create(Tool tool)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace
            .UseShards(shards => shards
                .Add("one", store => store.UseSqlite(tool.File("one.db")))
                .Add("two", store => store.UseSqlite(tool.File("two.db")))
                .PlaceByStream())
            .AddModel(model => model
                .Event("item.counted", 1, CountJson.Default.ItemCounted)
                .Projection(new ProjectionDefinition<string, ItemCount>
                {
                    Name = "item-counts",
                    Events = [typeof(ItemCounted)],
                    Create = static () => new ItemCounts(),
                    Document = CountJson.Default.ItemCount,
                }))
            .ConfigureConsumers(static options => options.Retries = 0));
        using var host = builder.Build();
        await host.StartAsync();
        var streams = await Append(host.Services);
        await host.StopAsync();
        await File.WriteAllTextAsync(
            tool.File(StoreList), """{"shards": {"one": "one.db", "two": "two.db"}}""");
        return streams;
    }

    private static async Task<Dictionary<string, string>> Append(IServiceProvider services)
    {
        var store = services.GetRequiredService<EventStore>();
        var shards = services.GetRequiredService<Shards>();
        var streams = new Dictionary<string, string>();
        for (var i = 0; streams.Count < 2; i++)
        {
            var stream = StreamId.For("item", $"{i}");
            await store.Append(stream, ExpectedVersion.NoStream, [new ItemCounted("all", 1)]);
            if (streams.TryAdd((await shards.FindShard(stream)).Value, stream.Value))
                await store.Append(stream, ExpectedVersion.Any, [new ItemCounted(stream.Value, -1)]);
        }
        var letters = services.GetRequiredService<DeadLetters>();
        var parked = new DeadLetterQuery { States = [DeadLetterState.Parked] };
        await Eventually.Get(async () => await letters.Count(parked), count => count == 2);
        return streams;
    }

    internal sealed record ItemCounted(string Item, int Count);

    internal sealed record ItemCount(int Count) : ICombinable<ItemCount>
    {
        public ItemCount CombineWith(ItemCount other) => new(Count + other.Count);
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(ItemCounted))]
    [JsonSerializable(typeof(ItemCount))]
    private sealed partial class CountJson : JsonSerializerContext;

    private sealed class ItemCounts : Projection<string, ItemCount>
    {
        protected override void CollectKeys(RecordedEvent recorded, ICollection<string> keys) =>
            keys.Add(((ItemCounted)recorded.Data).Item);

        protected override ItemCount? Fold(string key, ItemCount? document, RecordedEvent recorded)
        {
            var count = ((ItemCounted)recorded.Data).Count;
            return count >= 0
                ? new ItemCount((document?.Count ?? 0) + count)
                : throw new InvalidOperationException("A count cannot be negative.");
        }
    }
}
