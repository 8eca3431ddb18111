using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Commerce.Tests.Chaos;

/// <summary>
/// Simulates customers who order, pay with all kinds of cards and cancel, a courier who delivers, and a supplier who
/// restocks.
/// </summary>
internal sealed class ChaosCustomers(ChaosClient client)
{
    /// <summary>A country to which the carrier does not deliver.</summary>
    public const string Nowhere = "Atlantis";

    private const int Products = 6;
    private const int FirstQuantity = 60;
    private const int Delivery = 25;

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(5);

    // In a short run, other tests share the machine.
    private static readonly TimeSpan OrderPause = TimeSpan.FromMilliseconds(TestRun.IsLong ? 1 : 400);

    private static readonly string[] Cards = ["4242", "4242", "4242", "4242", "4242", "4242", "0002", "3220", "3063"];

    private readonly List<string> _products = [];

    /// <summary>Gets the orders whose placement was confirmed.</summary>
    public ConcurrentBag<string> Placed { get; } = [];

    /// <summary>Gets the confirmed delivered quantity of each product.</summary>
    public ConcurrentDictionary<string, int> Supplied { get; } = new(StringComparer.Ordinal);

    /// <summary>Creates the products and their first stock.</summary>
    public async Task Open()
    {
        for (var number = 0; number < Products; number++)
        {
            var created = await client.Post("/api/products", new
            {
                name = $"Thing {number}",
                price = 3.35 + number,
                initialQuantity = FirstQuantity,
                category = "kitchen",
            });
            var product = created["productId"]!.GetValue<string>(); // The response always contains the id.
            await client.Post($"/api/products/{product}/activate", new { });
            await Eventually.Get(
                () => client.Get($"/api/products/{product}"),
                // Every product has a quantity.
                static view => view["availableQuantity"]!.GetValue<int>() == FirstQuantity,
                WaitTimeout);
            _products.Add(product);
            Supplied[product] = FirstQuantity;
        }
    }

    /// <summary>Orders until the load stops.</summary>
    public async Task Buy(CancellationToken loadEnd)
    {
        var name = $"user-{Guid.NewGuid():N}"[..20];
        var customer = (await client.Post("/api/customers", new { username = name, email = $"{name}@example.com" }))[
            "customerId"
        ];
        while (!loadEnd.IsCancellationRequested)
        {
            await Order(customer!.GetValue<string>()); // The response always contains the id.
            await ChaosPause.For(OrderPause, loadEnd);
        }
    }

    /// <summary>Delivers shipped orders until the load has stopped and no shipped order remains.</summary>
    public async Task Deliver(CancellationToken loadEnd)
    {
        while (true)
        {
            var isLast = loadEnd.IsCancellationRequested;
            var shipped = (await client.Get("/api/orders?status=shipped&pageSize=100"))["items"]!.AsArray();
            foreach (var order in shipped)
                await client.TryPost($"/api/orders/{Id(order)}/deliver", new { }); // The list may be stale.
            if (isLast && shipped.Count == 0)
                return;
            await ChaosPause.For(
                TimeSpan.FromMilliseconds(200), loadEnd.IsCancellationRequested ? CancellationToken.None : loadEnd);
        }
    }

    /// <summary>Restocks a product from time to time.</summary>
    public async Task Restock(CancellationToken loadEnd)
    {
        while (!loadEnd.IsCancellationRequested)
        {
            var product = _products[client.Next(Products)];
            await client.Post("/api/inventory", new { product, quantity = Delivery });
            Supplied[product] += Delivery;
            await ChaosPause.For(TimeSpan.FromSeconds(2), loadEnd);
        }
    }

    private async Task Order(string customer)
    {
        var address = new
        {
            street = "1 Mill Lane",
            city = "Rochdale",
            state = "Lancashire",
            postalCode = "OL16 1AA",
            // The shop undoes orders to a country that the carrier does not know.
            country = client.Next(12) == 0 ? Nowhere : "Ireland",
        };
        var items = Enumerable.Range(0, 1 + client.Next(3))
            .Select(_ => _products[client.Next(Products)]).Distinct(StringComparer.Ordinal)
            .Select(product => new { product, quantity = 1 + client.Next(3) }).ToList();
        var created = await client.Post("/api/orders", new { customer, address, items });
        var order = created["orderId"]!.GetValue<string>(); // The response always contains the id.
        await client.Post($"/api/orders/{order}/checkout", new { card = $"visa-{Cards[client.Next(Cards.Length)]}" });
        Placed.Add(order);
        if (client.Next(12) == 0)
            // The shop may refuse a late cancellation.
            await client.TryPost($"/api/orders/{order}/cancel", new { reason = "changed my mind" });
    }

    private static string Id(JsonNode? order) => order!["id"]!.GetValue<string>(); // Every order has an id.
}
