using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

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
