using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Commerce.Services;
using Servers;

namespace Commerce.Tests.Chaos;

/// <summary>
/// Starts the shop as two services with a broker and the payment service. The order service and the inventory service
/// have separate stores. With RabbitMQ, both use databases on separate servers. With Redis, the inventory uses a file.
/// </summary>
internal static class ChaosServices
{
    private const string OnDatabase = "Commerce.Chaos.Node.dll";
    private const string Report = "/api/services";
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);

    public static async Task<ChaosWorld> StartOverRabbitMq()
    {
        var (starting, startingOrders, startingStock) = (
            RabbitMqServer.Start(), PostgreSqlServer.Start(), PostgreSqlServer.Start());
        await Task.WhenAll(starting, startingOrders, startingStock);
        var (broker, server) = (await starting, await startingStock);
        var (data, address, stock) = (
            new ChaosData(), ChaosData.NewAddress(), await ChaosStore.On(server, "inventory"));
        stock = stock with { Shop = new ShopOptions { Data = data.Folder, Role = ShopRole.Inventory } };
        string[] commonArguments =
        [
            "--services",
            nameof(ShopBroker.RabbitMq),
            broker.Uri,
            "--no-simulation",
            "--data",
            data.Folder,
        ];
        var inventory = data.Program(
            "inventory", OnDatabase, address, Report,
            [
                "service", stock.Address, .. commonArguments,
                "--role", nameof(ShopRole.Inventory), "--port", $"{address.Port}",
            ]);
        return await Start(
            data, await startingOrders, commonArguments, stock, inventory, [server], ChaosTarget.Of(broker), broker);
    }

    public static async Task<ChaosWorld> StartOverRedis()
    {
        var (starting, startingOrders) = (RedisServer.Start(), PostgreSqlServer.Start());
        await Task.WhenAll(starting, startingOrders);
        var (broker, data, address) = (await starting, new ChaosData(), ChaosData.NewAddress());
        var stock = new ChaosStore("inventory", Path.Combine(data.Folder, "inventory.db"), null)
        {
            Shop = new ShopOptions { Data = data.Folder, Role = ShopRole.Inventory },
        };
        string[] commonArguments =
        [
            "--services",
            nameof(ShopBroker.Redis),
            broker.Address,
            "--no-simulation",
            "--data",
            data.Folder,
        ];
        var inventory = data.Program(
            "inventory", "Commerce.dll", address, Report,
            [.. commonArguments, "--role", nameof(ShopRole.Inventory), "--port", $"{address.Port}"]);
        return await Start(
            data, await startingOrders, commonArguments, stock, inventory, [], ChaosTarget.Of(broker), broker);
    }

    private static async Task<ChaosWorld> Start(
        ChaosData data,
        PostgreSqlServer server,
        string[] commonArguments,
        ChaosStore stock,
        ChaosProgram inventory,
        PostgreSqlServer[] inventoryServers,
        ChaosTarget broker,
        IAsyncDisposable brokerServer)
    {
        var (address, paymentsAddress, shop) = (
            ChaosData.NewAddress(), ChaosData.NewAddress(), await ChaosStore.On(server, "orders"));
        shop = shop with { Shop = new ShopOptions { Data = data.Folder, Role = ShopRole.Orders } };
        var orders = data.Program(
            "orders",
            OnDatabase,
            address,
            Report,
            [
                "service",
                shop.Address,
                .. commonArguments,
                "--role",
                nameof(ShopRole.Orders),
                "--port",
                $"{address.Port}",
                "--payments",
                $"{paymentsAddress}",
            ]
        );
        var payments = data.CardPayments(paymentsAddress, address);
        foreach (var program in (ChaosProgram[])[payments, orders, inventory])
            await program.Start();
        await WaitUntilConnected(orders);
        await WaitUntilConnected(inventory);
        return new ChaosWorld(data)
        {
            EntryPoints = [orders],
            CardPayments = payments,
            ShopStores = [shop, stock],
            Programs =
            [
                ChaosTarget.Of("the orders' database", server),
                .. inventoryServers.Select(database => ChaosTarget.Of("the inventory's database", database)),
                ChaosTarget.Of("inventory", inventory), ChaosTarget.Of("orders", orders),
                ChaosTarget.Of("the payment service", payments),
            ],
            Brokers = [broker],
            DatabaseLogs = [server.LogPath, .. inventoryServers.Select(database => database.LogPath)],
            CheckRemaining = ChaosServiceAudit.Check,
            Disposables = [orders, inventory, payments, server, .. inventoryServers, brokerServer],
        };
    }

    /// <summary>Waits until a service has found the other service, and the broker has its queues.</summary>
    private static async Task WaitUntilConnected(ChaosProgram service)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        await Eventually.Get(
            () => ReportOf(http, service),
            report => report?["found"]?["urls"]?.AsArray().Count > 0
                && report["brokers"]!.AsArray().All(broker => broker!["state"]!.GetValue<string>() == "connected"),
            WaitTimeout);
    }

    private static async Task<JsonNode?> ReportOf(HttpClient http, ChaosProgram service)
    {
        try
        {
            return await http.GetFromJsonAsync<JsonNode>(new Uri(service.Address, Report));
        }
        catch (Exception unavailable)
            when (unavailable is HttpRequestException or TaskCanceledException or JsonException)
        {
            return null;
        }
    }
}
