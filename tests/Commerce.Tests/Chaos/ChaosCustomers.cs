using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Commerce.Tests.Chaos;

/// <summary>Customers who order, pay with all kinds of cards and cancel; a courier who delivers; a supplier who
/// restocks.</summary>
internal sealed class ChaosCustomers(ChaosClient client)
{
    /// <summary>A country to which the carrier does not deliver.</summary>
    public const string Nowhere = "Atlantis";

    private const int Products = 6;
    private const int AtFirst = 60;
    private const int Delivery = 25;

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(5);

    private static readonly string[] Cards = ["4242", "4242", "4242", "4242", "4242", "4242", "0002", "3220", "3063"];

    private readonly List<string> _products = [];

    /// <summary>The orders whose placement was confirmed.</summary>
    public ConcurrentBag<string> Placed { get; } = [];

    /// <summary>The confirmed deliveries of each product.</summary>
    public ConcurrentDictionary<string, int> Brought { get; } = new(StringComparer.Ordinal);

    /// <summary>Fills the shop.</summary>
    public async Task Open()
    {
        for (var number = 0; number < Products; number++)
        {
            var created = await client.Post("/api/products", new
            {
                name = $"Thing {number}",
                price = 3.35 + number,
                initialQuantity = AtFirst,
                category = "kitchen",
            });
            var product = created["productId"]!.GetValue<string>(); // It has an id.
            await client.Post($"/api/products/{product}/activate", new { });
            await Eventually.Is(
                () => client.Get($"/api/products/{product}"),
                static view => view["availableQuantity"]!.GetValue<int>() == AtFirst, // Every product has one.
                WaitTimeout);
            _products.Add(product);
            Brought[product] = AtFirst;
        }
    }

    /// <summary>Orders until the load stops.</summary>
    public async Task Buy(CancellationToken enough)
    {
        var name = $"user-{Guid.NewGuid():N}"[..20];
        var customer = (await client.Post("/api/customers", new { username = name, email = $"{name}@example.com" }))[
            "customerId"
        ];
        while (!enough.IsCancellationRequested)
            await Order(customer!.GetValue<string>()); // It has an id.
    }

    /// <summary>Delivers shipped orders, until none is left after the load has stopped.</summary>
    public async Task Deliver(CancellationToken enough)
    {
        while (true)
        {
            var isLast = enough.IsCancellationRequested;
            var shipped = (await client.Get("/api/orders?status=shipped&pageSize=100"))["items"]!.AsArray();
            foreach (var order in shipped)
                await client.TryPost($"/api/orders/{Id(order)}/deliver", new { }); // The list may be behind.
            if (isLast && shipped.Count == 0)
                return;
            await ChaosPause.For(
                TimeSpan.FromMilliseconds(200), enough.IsCancellationRequested ? CancellationToken.None : enough);
        }
    }

    /// <summary>Restocks a product from time to time.</summary>
    public async Task Restock(CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            var product = _products[client.Next(Products)];
            await client.Post("/api/inventory", new { product, quantity = Delivery });
            Brought[product] += Delivery;
            await ChaosPause.For(TimeSpan.FromSeconds(2), enough);
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
            // Everything is undone where the carrier does not deliver.
            country = client.Next(12) == 0 ? Nowhere : "Ireland",
        };
        var items = Enumerable.Range(0, 1 + client.Next(3))
            .Select(_ => _products[client.Next(Products)]).Distinct(StringComparer.Ordinal)
            .Select(product => new { product, quantity = 1 + client.Next(3) }).ToList();
        var created = await client.Post("/api/orders", new { customer, address, items });
        var order = created["orderId"]!.GetValue<string>(); // It has an id.
        await client.Post($"/api/orders/{order}/checkout", new { card = $"visa-{Cards[client.Next(Cards.Length)]}" });
        Placed.Add(order);
        if (client.Next(12) == 0)
            // It may be too late.
            await client.TryPost($"/api/orders/{order}/cancel", new { reason = "changed my mind" });
    }

    private static string Id(JsonNode? order) => order!["id"]!.GetValue<string>(); // Every order has one.
}
