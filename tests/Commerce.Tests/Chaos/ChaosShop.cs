using Commerce.Chaos;
using Servers;

namespace Commerce.Tests.Chaos;

/// <summary>
/// Starts the shop as two nodes of one program on a database, with the payment service. The nodes publish over two
/// brokers to a listener with its own database.
/// </summary>
internal static class ChaosShop
{
    private const string NodeProgram = "Commerce.Chaos.Node.dll";
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);

    public static async Task<ChaosWorld> Start()
    {
        var (starting, startingRabbitMq, startingRedis) = (
            PostgreSqlServer.Start(), RabbitMqServer.Start(), RedisServer.Start());
        await Task.WhenAll(starting, startingRabbitMq, startingRedis);
        var (server, rabbitMq, redis) = (await starting, await startingRabbitMq, await startingRedis);
        var (shop, gazette) = (await ChaosStore.On(server, "shop"), await ChaosStore.On(server, "listener"));
        var data = new ChaosData();
        shop = shop with { Shop = new ShopOptions { Data = data.Folder } };
        var (first, second, paymentsAddress, listenerAddress) = (
            ChaosData.NewAddress(), ChaosData.NewAddress(), ChaosData.NewAddress(), ChaosData.NewAddress());
        ChaosProgram Node(int number, Uri address) =>
            data.Program(
                $"shop-{number}",
                NodeProgram,
                address,
                "/api/products",
                "shop",
                rabbitMq.Uri,
                redis.Address,
                "--no-simulation",
                "--data",
                data.Folder,
                "--port",
                $"{address.Port}",
                "--payments",
                paymentsAddress.ToString(),
                "--postgres",
                shop.Address);
        var (one, two, payments) = (Node(1, first), Node(2, second), data.CardPayments(paymentsAddress, first));
        var listener = data.Program(
            "listener",
            NodeProgram,
            listenerAddress,
            Listener.ReadyPath,
            "listener",
            rabbitMq.Uri,
            redis.Address,
            gazette.Address,
            $"{listenerAddress.Port}");
        await payments.Start();
        await listener.Start();
        await Eventually.Get(listener.IsReady, isReady => isReady, WaitTimeout);
        await one.Start();
        await two.Start();
        return new ChaosWorld(data)
        {
            EntryPoints = [one, two],
            CardPayments = payments,
            ShopStores = [shop],
            OtherStores = [gazette],
            Programs =
            [
                ChaosTarget.Of("the database", server), ChaosTarget.Of("shop 1", one), ChaosTarget.Of("shop 2", two),
                ChaosTarget.Of("the payment service", payments), ChaosTarget.Of("the listener", listener),
            ],
            Brokers = [ChaosTarget.Of(rabbitMq), ChaosTarget.Of(redis)],
            DatabaseLogs = [server.LogPath],
            CheckRemaining = (_, totals) => ChaosListenerAudit.CheckReceivedEvents(gazette, totals),
            Disposables = [one, two, listener, payments, server, rabbitMq, redis],
        };
    }
}
