using Commerce.Catalogue;
using Commerce.Fulfilments;
using Commerce.Inventory;
using Commerce.Mailing;
using Commerce.Orders;
using Commerce.Payments;
using Commerce.Pricing;
using Commerce.Tests.Domain;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Servers;

namespace Commerce.Tests.Fulfilments;

/// <summary>
/// Tests buyers on several nodes who compete for the same units. No unit is sold twice with versions alone, with a lock
/// in the store, or with a lock in Redis. The token of a lock refuses a holder that does not know that it lost the
/// lock.
/// </summary>
public sealed class StockLockTests : IDisposable
{
    private const int Pieces = 12;
    private const int Buyers = 30;

    private readonly TemporaryDirectory _data = new();
    private readonly List<IHost> _nodes = [];
    private readonly StockLocking _longLocking = new(true)
    {
        Duration = TimeSpan.FromMinutes(3),
        Wait = TimeSpan.FromMinutes(3),
    };

    public void Dispose() => _data.Dispose();

    [PostgreSqlFact]
    [Trait(TestRun.Kind, TestRun.Long)] // A minute. The next test sells under the same load.
    public async Task With_versions_alone_no_unit_is_sold_twice()
    {
        await using var server = await PostgreSqlServer.Start();
        var connection = server.ConnectionString(await server.CreateDatabase());

        await Race(new StockLocking(false), millrace => millrace.UsePostgreSql(connection));
    }

    [PostgreSqlFact]
    public async Task With_a_lock_in_the_store_no_unit_is_sold_twice_and_no_commit_conflicts()
    {
        await using var server = await PostgreSqlServer.Start();
        var connection = server.ConnectionString(await server.CreateDatabase());

        Assert.Equal(0, await Race(_longLocking, millrace => millrace.UsePostgreSql(connection)));
    }

    [RedisFact]
    [Trait(TestRun.Kind, TestRun.Long)] // The others show it for other locks.
    public async Task With_a_lock_in_Redis_no_unit_is_sold_twice_and_no_commit_conflicts()
    {
        await using var redis = await RedisServer.Start();
        await using var server = await PostgreSqlServer.Start();
        var connection = server.ConnectionString(await server.CreateDatabase());

        Assert.Equal(
            0, await Race(_longLocking, millrace => millrace.UsePostgreSql(connection).UseRedisLocks(redis.Address)));
    }

    [Fact]
    public Task With_a_lock_in_the_store_the_token_of_a_paused_holder_is_refused() =>
        FreezeLockHolder(millrace => millrace);

    [RedisFact]
    public async Task With_a_lock_in_Redis_the_token_of_a_paused_holder_is_refused()
    {
        await using var redis = await RedisServer.Start();
        await FreezeLockHolder(millrace => millrace.UseRedisLocks(redis.Address));
    }

    /// <summary>Lets each buyer reserve one unit and retry after a conflict. Returns the number of conflicts.</summary>
    private async Task<int> Race(StockLocking locking, Func<MillraceBuilder, MillraceBuilder> store)
    {
        try
        {
            for (var node = 0; node < 3; node++)
                await StartNode(locking, store);
            var item = await CreateProduct();
            var conflicts = 0;
            var sold = await Task.WhenAll(Enumerable.Range(0, Buyers).Select(buyer => Task.Run(async () =>
            {
                while (true)
                {
                    try
                    {
                        return await TryReserve(_nodes[buyer % _nodes.Count], item);
                    }
                    catch (VersionConflictException)
                    {
                        Interlocked.Increment(ref conflicts);
                    }
                }
            })));

            Assert.Equal(Pieces, sold.Count(isSold => isSold));
            await Eventually.Get(
                () => Stock(item), stock => stock is { Quantity: Pieces, Reserved: Pieces, Available: 0 });
            return conflicts;
        }
        finally
        {
            await StopNodes();
        }
    }

    private async Task FreezeLockHolder(Func<MillraceBuilder, MillraceBuilder> locks)
    {
        try
        {
            var (duration, wait) = (TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(3));
            var shortLocking = new StockLocking(true) { Duration = duration, Wait = wait };
            var file = Path.Combine(_data.Path, "shop.db");
            for (var node = 0; node < 2; node++)
                await StartNode(shortLocking, millrace => locks(millrace.UseSqlite(file)));
            var item = await CreateProduct();
            await using var pausedScope = _nodes[0].Services.CreateAsyncScope();
            // The holder then pauses.
            await pausedScope.ServiceProvider.GetRequiredService<StockLockScope>().Take([item], default);

            Assert.True(await TryReserve(_nodes[1], item)); // The other node waits until the lock has expired.
            var bus = pausedScope.ServiceProvider.GetRequiredService<ICommandBus>();
            var refused = await Assert.ThrowsAsync<FencedOffException>(
                () => bus.Send(new ReserveStock(item, OrderId.New(), 1)).AsTask());

            Assert.True(refused.Greatest > refused.Token);
            await Eventually.Get(() => Stock(item), stock => stock is { Reserved: 1 });
        }
        finally
        {
            await StopNodes();
        }
    }

    /// <summary>Reserves a unit. Returns false if no unit remains.</summary>
    private static async Task<bool> TryReserve(IHost node, InventoryItemId item)
    {
        await using var scope = node.Services.CreateAsyncScope();
        try
        {
            await scope
                .ServiceProvider.GetRequiredService<ICommandBus>()
                .Send(new ReserveStock(item, OrderId.New(), 1));
            return true;
        }
        catch (InsufficientStockException)
        {
            return false;
        }
    }

    private async Task StartNode(StockLocking locking, Func<MillraceBuilder, MillraceBuilder> store)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services
            .AddSingleton(new ShopClock(TimeProvider.System))
            .AddSingleton<IDiscountPolicy>(VolumeDiscount.Default)
            .AddSingleton<PricingService>()
            .AddSingleton<FulfilmentLog>()
            .AddSingleton(locking)
            .AddScoped<StockLockScope>()
            .AddScoped<LocalStockService>()
            .AddScoped<IStockService, LocalStockService>()
            .AddSingleton<ICardPayments>(new FakeBank())
            .AddSingleton<IMailer>(new TestMailbox());
        builder.Services.AddMillrace(millrace => store(millrace)
            .UseSqliteKeys(Path.Combine(_data.Path, "keys.db"), Example.Passphrase)
            .AddModel<Shop>()
            .ConfigureCommands(commands => commands.Retry = InventoryHandlers.Retry));
        var host = builder.Build();
        _nodes.Add(host);
        await host.StartAsync();
    }

    private async Task StopNodes()
    {
        foreach (var node in _nodes)
        {
            await node.StopAsync();
            node.Dispose();
        }
        _nodes.Clear();
    }

    private async Task<InventoryItemId> CreateProduct()
    {
        await using var scope = _nodes[0].Services.CreateAsyncScope();
        var id = ProductId.New();
        await scope.ServiceProvider.GetRequiredService<ICommandBus>()
            .Send(new CreateProduct("Mug", 10, Category: "kitchen", Product: id) { InitialQuantity = Pieces });
        var item = InventoryItemId.Of(id, WarehouseId.Main);
        await Eventually.Get(() => Stock(item), stock => stock is { Quantity: Pieces }, TimeSpan.FromMinutes(3));
        return item;
    }

    private async Task<StockView?> Stock(InventoryItemId item) =>
        (await _nodes[0].Services.GetRequiredService<IReadModel<InventoryItemId, StockView>>().Get(item)).Value;
}
