using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Testing;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests the routes for operators of an application whose streams are in several shards.</summary>
public sealed partial class ShardedOperatorEndpointTests : IAsyncDisposable
{
    private static readonly string[] Names = ["one", "two"];

    private readonly HttpClient _client = new();
    private WebApplication? _app;

    [Fact]
    public async Task Dead_letters_of_all_shards_are_listed_and_decided()
    {
        await Start();
        await Fail();

        var all = await Get("dead-letters");
        var page = await Get("dead-letters?limit=1");
        var next = await Get($"dead-letters?limit=1&after={page[0].GetProperty("id")}");
        var two = await Get("dead-letters?shard=two");
        var groups = await Get("dead-letters/groups");
        var decided = await _client.PostAsJsonAsync(
            $"/millrace/dead-letters/{two[0].GetProperty("id")}/skip", new { reason = "a test" });
        var unknown = await _client.GetAsync("/millrace/dead-letters?shard=three");

        Assert.Equal(Names, all.EnumerateArray().Select(Shard));
        Assert.Equal(Names, new[] { Shard(page[0]), Shard(next[0]) });
        Assert.Equal(Names, groups.EnumerateArray().Select(Shard));
        Assert.Equal("two", Shard(Assert.Single(two.EnumerateArray())));
        Assert.Equal((HttpStatusCode.OK, "two"), (decided.StatusCode, Shard(await decided.Json())));
        Assert.Equal((404, "not-found"), await unknown.Problem());
        await Eventually.Get(
            () => Get("dead-letters?shard=two&state=skipped"), static letters => letters.GetArrayLength() == 1);
        Assert.Equal("parked", (await Get("dead-letters?shard=one"))[0].GetProperty("state").GetString());
    }

    [Fact]
    public async Task Consumers_read_models_and_explanations_name_their_shards()
    {
        await Start();
        await Fail();

        var consumers = await Get("consumers");
        var models = await Get("projections");
        var two = await Get("projections/shelf-counts?shard=two");
        var built = await _client.PostAsJsonAsync("/millrace/projections/shelf-counts/build", new { });
        await Eventually.Get(
            () => Get("projections"),
            static all => all.EnumerateArray().All(one => one.GetProperty("live").GetProperty("name").GetString()
                == "shelf-counts@1.2"));
        var why = await Get("why/shelf-counts/all");
        var refused = await _client.GetAsync("/millrace/why/shelf-counts/all?until=1");
        var named = await Get("why/shelf-counts/all?until=1&shard=one");

        Assert.Equal(Names, consumers.EnumerateArray()
            .Where(one => one.GetProperty("name").GetString() == "shelf-counts@1").Select(Shard));
        Assert.Equal(Names, models.EnumerateArray().Select(Shard));
        Assert.Equal("two", Shard(two));
        Assert.Equal(HttpStatusCode.Accepted, built.StatusCode);
        var part = Assert.Single(why.GetProperty("otherParts").EnumerateArray());
        Assert.Equal(Names, new[] { Shard(why), Shard(part) }.Order());
        Assert.Equal((400, "not-across-shards"), await refused.Problem());
        Assert.Equal("one", Shard(named));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_app is not null)
            await _app.DisposeAsync();
    }

    private async Task Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy("operators", policy => policy.RequireAssertion(static _ => true));
        builder.Services.AddMillrace(millrace => millrace
            .UseShards(static shards => shards
                .Add("one", static store => store.UseInMemory())
                .Add("two", static store => store.UseInMemory())
                .PlaceByStream())
            .AddModel(static model => model
                .Event("shelf.filled", 1, ShelfJson.Default.ShelfFilled)
                .Projection(new ProjectionDefinition<string, ShelfCount>
                {
                    Name = "shelf-counts",
                    Events = [typeof(ShelfFilled)],
                    Create = static () => new ShelfCounts(),
                    Document = ShelfJson.Default.ShelfCount,
                }))
            .ConfigureConsumers(static options => options.Retries = 0));
        builder.Services.AddMillraceProblemDetails();
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.UseMillraceProblemDetails();
        _app.UseAuthorization();
        _app.MapMillrace(static options => (options.OperatorPolicy, options.AllowDecisions) = ("operators", true));
        await _app.StartAsync();
        _client.BaseAddress = new Uri(_app.Urls.First());
    }

    /// <summary>Fills shelves until each shard has one, and one event of each shard fails.</summary>
    private async Task Fail()
    {
        var store = _app!.Services.GetRequiredService<EventStore>(); // Start was called before.
        var shards = _app.Services.GetRequiredService<Shards>();
        var used = new HashSet<ShardId>();
        for (var i = 0; used.Count < Names.Length; i++)
        {
            var stream = StreamId.For("shelf", $"{i}");
            if (!used.Add(await shards.FindShard(stream)))
                continue;
            await store.Append(
                stream, ExpectedVersion.NoStream, [new ShelfFilled("all", 1), new ShelfFilled(stream.Value, -1)]);
        }
        await Eventually.Get(
            () => Get("dead-letters?state=parked"), static all => all.GetArrayLength() == Names.Length);
    }

    private async Task<JsonElement> Get(string path)
    {
        var answer = await _client.GetAsync("/millrace/" + path);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.Json();
    }

    private static string? Shard(JsonElement one) => one.GetProperty("shard").GetString();

    internal sealed record ShelfFilled(string Shelf, int Books);

    internal sealed record ShelfCount(int Books) : ICombinable<ShelfCount>
    {
        public ShelfCount CombineWith(ShelfCount other) => new(Books + other.Books);
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(ShelfFilled))]
    [JsonSerializable(typeof(ShelfCount))]
    private sealed partial class ShelfJson : JsonSerializerContext;

    private sealed class ShelfCounts : Projection<string, ShelfCount>
    {
        protected override void CollectKeys(RecordedEvent recorded, ICollection<string> keys) =>
            keys.Add(((ShelfFilled)recorded.Data).Shelf);

        protected override ShelfCount? Fold(string key, ShelfCount? document, RecordedEvent recorded)
        {
            var books = ((ShelfFilled)recorded.Data).Books;
            return books >= 0
                ? new ShelfCount((document?.Books ?? 0) + books)
                : throw new InvalidOperationException("A shelf cannot lose books.");
        }
    }
}
