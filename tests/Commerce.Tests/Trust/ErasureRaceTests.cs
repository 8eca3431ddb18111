using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Commerce.Customers;
using Commerce.Orders;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Storage;

namespace Commerce.Tests.Trust;

/// <summary>
/// Tests that no customer with an open order is erased, and that no erased customer has an open order, whatever happens
/// at the same time, on all ways to erase.
/// </summary>
public sealed class ErasureRaceTests(RunningShop shop) : IClassFixture<RunningShop>
{
    private const int Rounds = 16;

    private static readonly object Reason = new { reason = "asked by letter" };

    [Fact]
    public async Task A_late_read_model_hides_no_open_order()
    {
        var customer = await shop.GivenCustomer();
        var order = await shop.GivenOrder(await shop.GivenProduct(), quantity: 1, customer);
        await RunningShop.Json(await shop.Post($"/millrace/consumers/{OrdersConsumer}/pause"));
        try
        {
            await RunningShop.Json(await shop.Post($"/api/orders/{order}/submit"));

            var refused = await shop.Post($"/api/customers/{customer}/erasure", Reason);

            Assert.Equal("no-open-orders", await RunningShop.Error(refused));
        }
        finally
        {
            await RunningShop.Json(await shop.Post($"/millrace/consumers/{OrdersConsumer}/resume"));
        }
    }

    [Fact]
    public async Task Operators_follow_the_same_rule()
    {
        var customer = await shop.GivenCustomer();
        var order = await shop.GivenOrder(await shop.GivenProduct(), quantity: 1, customer);
        await RunningShop.Json(await shop.Post($"/api/orders/{order}/submit"));

        var refused = await ByOperator(customer);
        await RunningShop.Json(await shop.Post($"/api/orders/{order}/cancel", new { reason = "not needed" }));
        var erased = await ByOperator(customer);

        Assert.Equal("Refused", refused["state"]!.GetValue<string>());
        Assert.Equal(
            "An order of the customer is submitted: deliver or cancel it first.",
            refused["refusal"]!.GetValue<string>());
        Assert.Equal("Confirmed", erased["state"]!.GetValue<string>());
        Assert.True((await shop.Services.GetRequiredService<EventStore>()
            .ReadStream(new StreamId($"customer-{customer}")).ToListAsync()).Exists(recorded =>
                recorded.Data is CustomerClosed));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_order_is_placed_or_its_customer_is_erased_and_never_both(bool byOperator)
    {
        var product = await shop.GivenProduct(quantity: 1_000);
        var both = new ConcurrentBag<string>();
        var outcomes = new ConcurrentBag<bool>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Rounds),
            new ParallelOptions { MaxDegreeOfParallelism = 4 },
            async (round, _) =>
            {
                var customer = await shop.GivenCustomer();
                var order = await shop.GivenOrder(product, quantity: 1, customer);
                var isPlacedFirst = round % 3 != 0; // The requests of an operator take longer.
                var placing = isPlacedFirst ? Place(order, round) : null;
                var erasing = IsErased(customer, byOperator);
                var isPlaced = await (placing ?? Place(order, round));
                var isErased = await erasing;
                outcomes.Add(isPlaced);
                // A checked-out order can have ended before the erasure, for example delivered or not paid.
                if (isErased && isPlaced && (await StatusOf(order)).IsOpen())
                    both.Add(order);
                if (!isErased && !isPlaced)
                    both.Add($"neither {order}");
            });

        Assert.Empty(both);
        Assert.NotEmpty(outcomes);
        await shop.AssertHealthy();
    }

    [Fact]
    public async Task Drafts_that_are_created_during_an_erasure_contain_nothing_afterwards()
    {
        var product = await shop.GivenProduct();
        var customer = await shop.GivenCustomer();
        using var stop = new CancellationTokenSource();
        var creating = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var drafts = new List<string>();
            while (!stop.IsCancellationRequested)
            {
                var answer = await shop.Post("/api/orders", RunningShop.DraftOf(customer, product, quantity: 1));
                if (!answer.IsSuccessStatusCode)
                {
                    Assert.Equal("customer-open", await RunningShop.Error(answer));
                    break;
                }
                drafts.Add((await RunningShop.Json(answer))["orderId"]!.GetValue<string>());
            }
            return drafts;
        })).ToArray();

        var erased = await RunningShop.Json(await shop.Post($"/api/customers/{customer}/erasure", Reason));
        await stop.CancelAsync();
        var drafts = (await Task.WhenAll(creating)).SelectMany(list => list).ToList();

        Assert.Equal("complete", erased["certificate"]!["result"]!.GetValue<string>());
        var store = shop.Services.GetRequiredService<EventStore>();
        foreach (var draft in drafts)
        {
            var created = await store.ReadStream(new StreamId($"order-{draft}")).FirstAsync();
            Assert.Null(Assert.IsType<OrderCreated>(created.Data).Address);
        }
    }

    [Fact]
    public async Task A_customer_is_erased_right_after_the_delivery_and_the_process_ends()
    {
        var product = await shop.GivenProduct();
        var customer = await shop.GivenCustomer();
        var order = await shop.GivenOrder(product, quantity: 1, customer);
        await RunningShop.Json(await shop.Post($"/api/orders/{order}/checkout", new { card = "visa-4242" }));
        await Eventually.Get(() => StatusOf(order), status => status == OrderStatus.Shipped, TimeSpan.FromMinutes(2));
        var early = await shop.Post($"/api/customers/{customer}/erasure", Reason);
        var delivered = shop.Post($"/api/orders/{order}/deliver");

        var erased = await Eventually.Get(
            () => shop.Post($"/api/customers/{customer}/erasure", Reason), answer => answer.IsSuccessStatusCode);

        Assert.Equal("no-open-orders", await RunningShop.Error(early));
        await RunningShop.Json(await delivered);
        Assert.Equal("Confirmed", (await RunningShop.Json(erased))["state"]!.GetValue<string>());
        await Eventually.Get(
            async () => await RunningShop.Json(await shop.Http.GetAsync($"/api/orders/{order}/fulfilment")),
            found => found["tries"]![0]!["state"]!.GetValue<string>() == "completed",
            TimeSpan.FromMinutes(1));
        Assert.Empty(await shop.Services.GetRequiredService<DeadLetters>().List(new DeadLetterQuery()));
    }

    private const string OrdersConsumer = "orders@3";

    /// <summary>Places an order at the counter or with a card. Returns false if the customer has left.</summary>
    private async Task<bool> Place(string order, int round)
    {
        for (var tries = 1; ; tries++)
        {
            var answer = round % 2 == 0
                ? await shop.Post($"/api/orders/{order}/submit")
                : await shop.Post($"/api/orders/{order}/checkout", new { card = "visa-4242" });
            if (answer.IsSuccessStatusCode)
                return true;
            var error = await RunningShop.Error(answer);
            if (error == "conflict" && tries < 10)
                continue; // On a slow machine, the erasure changed the customer at each of the command's attempts.
            Assert.Equal("customer-open", error);
            return false;
        }
    }

    private async Task<bool> IsErased(string customer, bool byOperator) => byOperator
        ? (await ByOperator(customer))["state"]!.GetValue<string>() == "Confirmed"
        : (await shop.Post($"/api/customers/{customer}/erasure", Reason)).IsSuccessStatusCode;

    /// <summary>Erases by the routes of operators.</summary>
    private async Task<JsonNode> ByOperator(string customer)
    {
        var id = $"letter-{Guid.NewGuid():N}";
        var body = new { id, subject = $"customer-{customer}", reason = "asked by letter" };
        await RunningShop.Json(await shop.Post("/millrace/erasures", body));
        return await RunningShop.Json(await shop.Post($"/millrace/erasures/{id}/approve"));
    }

    /// <summary>Folds the status from the stream, which is never late.</summary>
    private async Task<OrderStatus> StatusOf(string order)
    {
        var status = OrderStatus.Draft;
        await foreach (var recorded in shop.Services.GetRequiredService<EventStore>()
            .ReadStream(new StreamId($"order-{order}")))
        {
            status = recorded.Data switch
            {
                OrderSubmitted => OrderStatus.Submitted,
                OrderPaid => OrderStatus.Paid,
                OrderPaymentFailed => OrderStatus.PaymentFailed,
                OrderProcessingStarted => OrderStatus.Processing,
                OrderShipped => OrderStatus.Shipped,
                OrderDelivered => OrderStatus.Delivered,
                OrderCancelled => OrderStatus.Cancelled,
                OrderFailed => OrderStatus.Failed,
                _ => status,
            };
        }
        return status;
    }
}
