using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Protection;
using Millrace.Storage;

namespace Millrace.Caching.Tests;

/// <summary>A node of an application that caches queries. Several nodes can share a store and a Redis.</summary>
internal sealed class Node : IAsyncDisposable
{
    public static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    private static readonly InMemoryKeyStore Keys = new();
    private static readonly InMemoryMasterKey Master = new();

    private readonly IHost _host;

    private Node(IHost host) => _host = host;

    public HandlerCalls Calls => Services.GetRequiredService<HandlerCalls>();

    public EventStore Store => Services.GetRequiredService<EventStore>();

    public IServiceProvider Services => _host.Services;

    [SuppressMessage("Reliability", "CA2000", Justification = "The node disposes the host.")]
    public static async Task<Node> Start(
        IStorage storage,
        string? redis = null,
        Action<QueryCacheBuilder>? cache = null,
        Action<QueryCacheOptions>? options = null,
        Action<MillraceBuilder>? configure = null)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = [] });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<HandlerCalls>();
        builder.Services.AddMillrace(millrace =>
        {
            millrace
                .UseStorage(_ => storage)
                .UseKeys(_ => Keys.OpenAnother(), keys => keys.MasterKey = Master)
                .AddModel<Warehouse>()
                .ConfigureConsumers(consumers => consumers.LookEvery = TimeSpan.FromMilliseconds(20))
                .AddQueryCache(cache ?? CacheAll, all =>
                {
                    all.Redis = redis;
                    options?.Invoke(all);
                });
            configure?.Invoke(millrace);
        });
        var host = builder.Build();
        await host.StartAsync();
        return new Node(host);
    }

    public static void CacheAll(QueryCacheBuilder cache) => cache
        .Cache<GetParcel>(query => query.Tag(get => $"parcel:{get.Id}"))
        .Cache<CountParcels>(query => query.Tag("parcels"))
        .Cache<GetRecipient>(query => query.Tag(get => $"recipient:{get.Parcel}"))
        .Cache<GetLabel>(query => query.Tag(get => $"parcel:{get.Parcel}"))
        .Cache<CountMoves>(query => query.Tag(get => $"parcel:{get.Parcel}"))
        .InvalidatedBy<ParcelMoved>(moved => ["parcels", $"parcel:{moved.Parcel}"])
        .InvalidatedBy<RecipientNamed>(named => $"recipient:{named.Parcel}")
        .InvalidatedBy<WarehouseClosed>(_ => "parcel*");

    public async Task<ConsistencyToken> Append(string stream, params object[] events) =>
        (await Store.Append(new StreamId(stream), ExpectedVersion.Any, events)).Token;

    public Task<ConsistencyToken> Move(string parcel, string place) =>
        Append("parcel-" + parcel, new ParcelMoved(parcel, place));

    public async Task<QueryResult<T>> Ask<T>(
        IQuery<T> query, ConsistencyToken after = default, ClaimsPrincipal? user = null)
    {
        await using var scope = Services.CreateAsyncScope();
        return await scope.ServiceProvider
            .GetRequiredService<IQueryBus>()
            .Ask(query, new AskOptions { After = after, Wait = WaitTimeout, User = user });
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
