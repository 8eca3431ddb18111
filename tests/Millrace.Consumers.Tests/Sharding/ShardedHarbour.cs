using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>A running node with the read models of the harbour, on one store or on several shards.</summary>
internal sealed class ShardedHarbour : IAsyncDisposable
{
    private readonly IHost _host;

    private ShardedHarbour(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public EventStore Store => Services.GetRequiredService<EventStore>();

    public Shards Shards => Services.GetRequiredService<Shards>();

    public IReadModel<string, Cargo> Cargo => Services.GetRequiredService<IReadModel<string, Cargo>>();

    public IReadModel<string, Berth> Berths => Services.GetRequiredService<IReadModel<string, Berth>>();

    public IReadModel<string, DockTotal> Docks => Services.GetRequiredService<IReadModel<string, DockTotal>>();

    public static Task<ShardedHarbour> StartOnOneStore() => Start(static millrace => millrace.UseInMemory());

    public static Task<ShardedHarbour> Start(ShardTestStores stores, params string[] names) =>
        Start(millrace => millrace.UseShards(shards =>
        {
            foreach (var name in names)
                shards.Add(name, store => stores.Use(store, name));
            shards.PlaceByStream().Configure(ShardApp.UseShortIntervals);
        }));

    public static async Task<ShardedHarbour> Start(
        Action<MillraceBuilder> useStore, Action<ModelBuilder>? addModel = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace =>
        {
            useStore(millrace);
            millrace.AddModel(model =>
                {
                    Harbour.Register(model);
                    (addModel ?? AddReadModels)(model);
                })
                .ConfigureConsumers(static options =>
                {
                    TestNode.UseShortIntervals(options);
                    options.ReadTimeout = TimeSpan.FromMinutes(1); // Reads with a token must be fresh.
                });
        });
        var host = builder.Build();
        try
        {
            await host.StartAsync();
        }
        catch
        {
            await ((IAsyncDisposable)host).DisposeAsync();
            throw;
        }
        return new ShardedHarbour(host);
    }

    /// <summary>Appends an event to the stream of a ship, and returns the token.</summary>
    public async Task<ConsistencyToken> Append(string ship, object happened) =>
        (await Store.Append(Harbour.StreamOf(ship), ExpectedVersion.Any, [happened])).Token;

    /// <summary>Loads a crate on ships until each shard has one. Returns one ship of each shard.</summary>
    public async Task<Dictionary<string, string>> ShipsOf(params string[] names)
    {
        var ships = new Dictionary<string, string>();
        for (var i = 0; ships.Count < names.Length; i++)
        {
            await Append($"ship{i}", new Loaded($"ship{i}", 1));
            var shard = await Shards.FindShard(Harbour.StreamOf($"ship{i}"));
            ships.TryAdd(shard.Value, $"ship{i}");
        }
        return ships;
    }

    /// <summary>Waits until this node sees a shard in a state.</summary>
    public Task WaitUntil(string shard, ShardState state) => Eventually.Get(
        () => Task.FromResult(Shards.ListObserved().Single(one => one.Shard.Value == shard).State),
        seen => seen == state);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static void AddReadModels(ModelBuilder model) => model
        .Projection(Harbour.Cargo())
        .Projection(Tests.Berths.Define(ProjectionLifecycle.Inline))
        .Projection(DockTotalProjection.Define());
}
