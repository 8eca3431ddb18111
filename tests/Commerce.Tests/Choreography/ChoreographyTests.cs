using Commerce.Choreography;
using Commerce.Choreography.Payments;
using Millrace.Messaging;
using Servers;

namespace Commerce.Tests.Choreography;

/// <summary>
/// Tests three services without an orchestrator over a real broker, as in docs/how-to/choreograph.md. Killed services
/// continue, duplicates and late messages change nothing, and impossible messages are refused. In the end, stock, money
/// and orders agree exactly.
/// </summary>
public sealed class ChoreographyTests
{
    [RabbitMqFact]
    public async Task Over_RabbitMQ_all_totals_agree_after_crashes_duplicates_and_reordering()
    {
        var address = (await RabbitMqServer.Shared).TakeVirtualHost();
        await KillAndRepeat("rabbitmq", address);
    }

    [RedisFact]
    [Trait(TestRun.Kind, TestRun.Long)]
    public async Task Over_Redis_all_totals_agree_after_crashes_duplicates_and_reordering()
    {
        await using var server = await RedisServer.Start();
        await KillAndRepeat("redis", server.Address);
    }

    [RabbitMqFact]
    [Trait(TestRun.Kind, TestRun.Long)]
    public async Task Over_RabbitMQ_a_late_payment_is_refunded()
    {
        var address = (await RabbitMqServer.Shared).TakeVirtualHost();
        await PayTooLate("rabbitmq", address);
    }

    [RedisFact]
    public async Task Over_Redis_a_late_payment_is_refunded()
    {
        await using var server = await RedisServer.Start();
        await PayTooLate("redis", server.Address);
    }

    [RabbitMqFact]
    public async Task Over_RabbitMQ_an_unanswered_order_leaves_no_reservation_and_no_payment()
    {
        var address = (await RabbitMqServer.Shared).TakeVirtualHost();
        await IgnoreRequests("rabbitmq", address);
    }

    [RedisFact]
    [Trait(TestRun.Kind, TestRun.Long)]
    public async Task Over_Redis_an_unanswered_order_leaves_no_reservation_and_no_payment()
    {
        await using var server = await RedisServer.Start();
        await IgnoreRequests("redis", server.Address);
    }

    [RabbitMqFact]
    public async Task Over_RabbitMQ_impossible_messages_are_refused()
    {
        var address = (await RabbitMqServer.Shared).TakeVirtualHost();
        await PublishImpossibleMessages("rabbitmq", address);
    }

    [RedisFact]
    [Trait(TestRun.Kind, TestRun.Long)]
    public async Task Over_Redis_impossible_messages_are_refused()
    {
        await using var server = await RedisServer.Start();
        await PublishImpossibleMessages("redis", server.Address);
    }

    /// <summary>
    /// Kills each service, and then all services, while orders are processed. Every message is delivered three times,
    /// and once in reverse order.
    /// </summary>
    private static async Task KillAndRepeat(string broker, string address)
    {
        await using var company = await ChoreographyServices.Start(broker, address);
        await using var echo = await MessageReplayer.Start(broker, address);
        await company.AddStock("mug", 24);
        await company.AddStock("bowl", 12);
        var orders = 0;

        foreach (var victims in (string[][])[["inventory"], ["payments"], ["orders"], ChoreographyServices.Services])
        {
            await Order(6);
            await company.Kill(victims);
            if (!victims.Contains("orders"))
                await Order(2);
            await company.Start(victims);
        }
        var ends = await company.WaitForAllOrders();
        await echo.ReplayInReverse();
        // When the last order is complete in all services, they have also received all earlier messages.
        await Order(1);
        var endsAgain = await company.WaitForAllOrders();

        Assert.Equal(ends, endsAgain.SkipLast(1));
        Assert.Equal(
            ["order.failed", "order.payment-failed", "order.shipping-started"],
            ends.Select(story => story.Order).Distinct().Order());
        var books = await company.Close();
        books.Reconcile();
        books.AssertOneCorrelationIdPerOrder();

        async Task Order(int count)
        {
            for (var i = 0; i < count; i++)
            {
                orders++;
                var card = orders % 4 == 0 ? PaymentHandlers.EmptyCard : "full";
                await company.Order($"{orders:00}", card, ("mug", 1 + (orders % 3)), ("bowl", 1));
            }
        }
    }

    /// <summary>The bank answers only when the order is cancelled or its time limit has expired.</summary>
    private static async Task PayTooLate(string broker, string address)
    {
        await using var company = await ChoreographyServices.Start(broker, address);
        await using var echo = await MessageReplayer.Start(broker, address);
        await company.AddStock("mug", 10);
        await company.Order("late", PaymentHandlers.SlowCard, ("mug", 3));
        await company.Order("just", PaymentHandlers.SlowCard, ("mug", 2));
        await company.WaitFor("late", story => story.Payment == "payment.requested");
        await company.WaitFor("just", story => story.Payment == "payment.requested");
        await company.WaitForTimeLimit("late");
        await company.WaitForTimeLimit("just");

        await company.Kill("orders");
        // Either the answer of the bank or the time limit is first, and determines the outcome.
        await company.SettleOrderPayment("just");
        await company.Start(["orders"], days: 2);
        var before = await company.WaitFor("late", story => story.IsFinished);
        await company.SettleOrderPayment("late");
        await company.WaitFor("late", story => story.Payment == "payment.refunded");
        // The services receive this order after the answer of the bank.
        await company.Order("next", "full", ("mug", 1));
        await company.WaitForAllOrders();

        Assert.Equal(("order.cancelled", "payment.called-off"), (before.Order, before.Payment));
        var books = await company.Close();
        books.Reconcile();
        Assert.Equal(
            ["order.submitted", "order.payment-requested", "order.cancelled"],
            ChoreographyLogs.Of(books.Orders, "order-late"));
        Assert.Equal(
            ["payment.requested", "payment.called-off", "payment.processed", "payment.refunded"],
            ChoreographyLogs.Of(books.Payments, "payment-late"));
        Assert.Equal(
            ["reservation.made", "reservation.released"],
            ChoreographyLogs.Of(books.Inventory, "reservation-late"));
    }

    /// <summary>
    /// The other services are stopped until the time limit of an order expires. They then receive the order and its
    /// cancellation together.
    /// </summary>
    private static async Task IgnoreRequests(string broker, string address)
    {
        await using var company = await ChoreographyServices.Start(broker, address);
        await using var echo = await MessageReplayer.Start(broker, address);
        await company.AddStock("mug", 10);
        await company.Kill("payments");
        await company.Order("unpaid", "full", ("mug", 3));
        await company.WaitFor("unpaid", story => story.Order == "order.payment-requested");
        await company.Kill("inventory");
        await company.Order("unheard", "full", ("mug", 2));
        await company.WaitForTimeLimit("unpaid");
        await company.WaitForTimeLimit("unheard");

        await company.Kill("orders");
        await company.Start(["orders"], days: 2);
        await company.WaitFor("unpaid", story => story.Order == "order.cancelled");
        await company.WaitFor("unheard", story => story.Order == "order.cancelled");
        await company.Start(["inventory", "payments"]);
        var ends = await company.WaitForAllOrders();
        // The order service receives the messages of the inventory about the other orders before this order.
        await company.Order("next", "full", ("mug", 1));
        await company.WaitForAllOrders();

        // The payment of the order "unpaid" was captured and refunded.
        Assert.Equal(["payment.refunded", "payment.called-off"], ends.Select(story => story.Payment));
        (await company.Close()).Reconcile();
    }

    /// <summary>Unrequested and wrong answers become dead letters and change nothing.</summary>
    private static async Task PublishImpossibleMessages(string broker, string address)
    {
        await using var company = await ChoreographyServices.Start(broker, address);
        await using var echo = await MessageReplayer.Start(broker, address);
        await company.AddStock("mug", 10);
        await company.Order("real", PaymentHandlers.SlowCard, ("mug", 3));
        await company.WaitFor("real", story => story.Payment == "payment.requested");

        await echo.PublishMessage(
            Topics.Payments, Of(
                "payment.processed", "payment-stranger", """{"order":"stranger","transactionId":"1","amount":30}"""));
        await echo.PublishMessage(
            Topics.Payments, Of(
                "payment.processed", "payment-false", """{"order":"real","transactionId":"1","amount":1}"""));
        await echo.PublishMessage(
            Topics.Inventory, Of(
                "inventory.committed", "stock-false", """{"order":"real","product":"mug","quantity":3}"""));
        await company.WaitForDeadLetters(3);
        await company.SettleOrderPayment("real");
        await company.WaitForAllOrders();

        var books = await company.Close(refused: 3);
        Assert.Equal(
            ["received.orders-of-inventory:stock-false", "received.orders-of-payments:payment-false",
                "received.orders-of-payments:payment-stranger"],
            books.Orders.DeadLetters.Select(letter => letter.Stream.Value).Order());
        Assert.Single(ChoreographyLogs.Of(books.Orders, "order-real"), type => type == "order.paid");
        Assert.Empty(ChoreographyLogs.Of(books.Orders, "order-stranger"));
    }

    private static Message Of(string type, string subject, string body) =>
        new()
        {
            Id = $"false-again-{subject}",
            Type = type,
            Subject = subject,
            Body = System.Text.Encoding.UTF8.GetBytes(body),
        };
}
