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
    [Trait(TestRun.Kind, TestRun.Long)] // Two minutes, more on a busy machine.
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
    public async Task Over_RabbitMQ_a_late_payment_is_refunded()
    {
        var address = (await RabbitMqServer.Shared).TakeVirtualHost();
        await PayTooLate("rabbitmq", address);
    }

    [RedisFact]
    [Trait(TestRun.Kind, TestRun.Long)] // Half a minute. The first test also crashes.
    public async Task Over_Redis_a_late_payment_is_refunded()
    {
        await using var server = await RedisServer.Start();
        await PayTooLate("redis", server.Address);
    }

    [RabbitMqFact]
    [Trait(TestRun.Kind, TestRun.Long)] // Half a minute.
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
    [Trait(TestRun.Kind, TestRun.Long)] // Half a minute.
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
        await using var services = await ChoreographyServices.Start(broker, address);
        await using var replayer = await MessageReplayer.Start(broker, address);
        await services.AddStock("mug", 24);
        await services.AddStock("bowl", 12);
        var orders = 0;

        foreach (var victims in (string[][])[["inventory"], ["payments"], ["orders"], ChoreographyServices.Services])
        {
            await Order(6);
            await services.Kill(victims);
            if (!victims.Contains("orders"))
                await Order(2);
            await services.Start(victims);
        }
        var ends = await services.WaitForAllOrders();
        await replayer.ReplayInReverse();
        // When the last order is complete in all services, they have also received all earlier messages.
        await Order(1);
        var endsAgain = await services.WaitForAllOrders();

        Assert.Equal(ends, endsAgain.SkipLast(1));
        Assert.Equal(
            ["order.failed", "order.payment-failed", "order.shipping-started"],
            ends.Select(outcomes => outcomes.Order).Distinct().Order());
        var logs = await services.Close();
        logs.Reconcile();
        logs.AssertOneCorrelationIdPerOrder();

        async Task Order(int count)
        {
            for (var i = 0; i < count; i++)
            {
                orders++;
                var card = orders % 4 == 0 ? PaymentHandlers.EmptyCard : "full";
                await services.Order($"{orders:00}", card, ("mug", 1 + (orders % 3)), ("bowl", 1));
            }
        }
    }

    /// <summary>The bank answers only when the order is cancelled or its time limit has expired.</summary>
    private static async Task PayTooLate(string broker, string address)
    {
        await using var services = await ChoreographyServices.Start(broker, address);
        await using var replayer = await MessageReplayer.Start(broker, address);
        await services.AddStock("mug", 10);
        await services.Order("late", PaymentHandlers.SlowCard, ("mug", 3));
        await services.Order("just", PaymentHandlers.SlowCard, ("mug", 2));
        await services.WaitFor("late", outcomes => outcomes.Payment == "payment.requested");
        await services.WaitFor("just", outcomes => outcomes.Payment == "payment.requested");
        await services.WaitForTimeLimit("late");
        await services.WaitForTimeLimit("just");

        await services.Kill("orders");
        // Either the answer of the bank or the time limit is first, and determines the outcome.
        await services.SettleOrderPayment("just");
        await services.Start(["orders"], days: 2);
        var before = await services.WaitFor("late", outcomes => outcomes.IsFinished);
        await services.SettleOrderPayment("late");
        await services.WaitFor("late", outcomes => outcomes.Payment == "payment.refunded");
        // The services receive this order after the answer of the bank.
        await services.Order("next", "full", ("mug", 1));
        await services.WaitForAllOrders();

        Assert.Equal(("order.cancelled", "payment.called-off"), (before.Order, before.Payment));
        var logs = await services.Close();
        logs.Reconcile();
        Assert.Equal(
            ["order.submitted", "order.payment-requested", "order.cancelled"],
            ChoreographyLogs.Of(logs.Orders, "order-late"));
        Assert.Equal(
            ["payment.requested", "payment.called-off", "payment.processed", "payment.refunded"],
            ChoreographyLogs.Of(logs.Payments, "payment-late"));
        Assert.Equal(
            ["reservation.made", "reservation.released"],
            ChoreographyLogs.Of(logs.Inventory, "reservation-late"));
    }

    /// <summary>
    /// The other services are stopped until the time limit of an order expires. They then receive the order and its
    /// cancellation together.
    /// </summary>
    private static async Task IgnoreRequests(string broker, string address)
    {
        await using var services = await ChoreographyServices.Start(broker, address);
        await using var replayer = await MessageReplayer.Start(broker, address);
        await services.AddStock("mug", 10);
        await services.Kill("payments");
        await services.Order("unpaid", "full", ("mug", 3));
        await services.WaitFor("unpaid", outcomes => outcomes.Order == "order.payment-requested");
        await services.Kill("inventory");
        await services.Order("unheard", "full", ("mug", 2));
        await services.WaitForTimeLimit("unpaid");
        await services.WaitForTimeLimit("unheard");

        await services.Kill("orders");
        await services.Start(["orders"], days: 2);
        await services.WaitFor("unpaid", outcomes => outcomes.Order == "order.cancelled");
        await services.WaitFor("unheard", outcomes => outcomes.Order == "order.cancelled");
        await services.Start(["inventory", "payments"]);
        var ends = await services.WaitForAllOrders();
        // The order service receives the messages of the inventory about the other orders before this order.
        await services.Order("next", "full", ("mug", 1));
        await services.WaitForAllOrders();

        // The payment of the order "unpaid" was captured and refunded.
        Assert.Equal(["payment.refunded", "payment.called-off"], ends.Select(outcomes => outcomes.Payment));
        (await services.Close()).Reconcile();
    }

    /// <summary>Unrequested and wrong answers become dead letters and change nothing.</summary>
    private static async Task PublishImpossibleMessages(string broker, string address)
    {
        await using var services = await ChoreographyServices.Start(broker, address);
        await using var replayer = await MessageReplayer.Start(broker, address);
        await services.AddStock("mug", 10);
        await services.Order("real", PaymentHandlers.SlowCard, ("mug", 3));
        await services.WaitFor("real", outcomes => outcomes.Payment == "payment.requested");

        await replayer.PublishMessage(
            Topics.Payments, Of(
                "payment.processed", "payment-stranger", """{"order":"stranger","transactionId":"1","amount":30}"""));
        await replayer.PublishMessage(
            Topics.Payments, Of(
                "payment.processed", "payment-false", """{"order":"real","transactionId":"1","amount":1}"""));
        await replayer.PublishMessage(
            Topics.Inventory, Of(
                "inventory.committed", "stock-false", """{"order":"real","product":"mug","quantity":3}"""));
        await services.WaitForDeadLetters(3);
        await services.SettleOrderPayment("real");
        await services.WaitForAllOrders();

        var logs = await services.Close(refused: 3);
        Assert.Equal(
            ["received.orders-of-inventory:stock-false", "received.orders-of-payments:payment-false",
                "received.orders-of-payments:payment-stranger"],
            logs.Orders.DeadLetters.Select(letter => letter.Stream.Value).Order());
        Assert.Single(ChoreographyLogs.Of(logs.Orders, "order-real"), type => type == "order.paid");
        Assert.Empty(ChoreographyLogs.Of(logs.Orders, "order-stranger"));
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
