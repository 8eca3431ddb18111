using Commerce.Choreography;
using Commerce.Choreography.Payments;
using Millrace.Messaging;
using Servers;

namespace Commerce.Tests.Choreography;

/// <summary>
/// Three services that nobody conducts, over a real broker, as docs/how-to/choreograph.md tells of them: what is killed
/// goes on, what is told twice or late changes nothing, what cannot be is refused, and in the end stock, money and
/// orders agree exactly.
/// </summary>
public sealed class ChoreographyTests
{
    [RabbitMqFact]
    public async Task Over_RabbitMQ_what_is_killed_told_twice_or_backwards_adds_up()
    {
        await using var server = await RabbitMqServer.Start();
        await KillAndRepeat("rabbitmq", server.Uri);
    }

    [RedisFact]
    public async Task Over_Redis_what_is_killed_told_twice_or_backwards_adds_up()
    {
        await using var server = await RedisServer.Start();
        await KillAndRepeat("redis", server.Address);
    }

    [RabbitMqFact]
    public async Task Over_RabbitMQ_money_that_comes_after_the_time_is_given_back()
    {
        await using var server = await RabbitMqServer.Start();
        await PayTooLate("rabbitmq", server.Uri);
    }

    [RedisFact]
    public async Task Over_Redis_money_that_comes_after_the_time_is_given_back()
    {
        await using var server = await RedisServer.Start();
        await PayTooLate("redis", server.Address);
    }

    [RabbitMqFact]
    public async Task Over_RabbitMQ_an_order_that_nobody_answers_leaves_nothing()
    {
        await using var server = await RabbitMqServer.Start();
        await IgnoreRequests("rabbitmq", server.Uri);
    }

    [RedisFact]
    public async Task Over_Redis_an_order_that_nobody_answers_leaves_nothing()
    {
        await using var server = await RedisServer.Start();
        await IgnoreRequests("redis", server.Address);
    }

    [RabbitMqFact]
    public async Task Over_RabbitMQ_what_cannot_be_is_refused()
    {
        await using var server = await RabbitMqServer.Start();
        await PublishImpossibleMessages("rabbitmq", server.Uri);
    }

    [RedisFact]
    public async Task Over_Redis_what_cannot_be_is_refused()
    {
        await using var server = await RedisServer.Start();
        await PublishImpossibleMessages("redis", server.Address);
    }

    /// <summary>
    /// Each service is killed while orders go through it, and all at once; everything is told three
    /// times, and once backwards.
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
        var ends = await company.AllEnd();
        await echo.ReplayInReverse();
        await Order(1); // What is said before it has been heard when this has gone through all three.
        var endsAgain = await company.AllEnd();

        Assert.Equal(ends, endsAgain.SkipLast(1));
        Assert.Equal(
            ["order.failed", "order.payment-failed", "order.shipping-started"],
            ends.Select(story => story.Order).Distinct().Order());
        var books = await company.Close();
        books.Reconcile();
        books.AreOneConversationEach();

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

    /// <summary>The bank takes its time: the order is cancelled when it answers, or is about to be.</summary>
    private static async Task PayTooLate(string broker, string address)
    {
        await using var company = await ChoreographyServices.Start(broker, address);
        await using var echo = await MessageReplayer.Start(broker, address);
        await company.AddStock("mug", 10);
        await company.Order("late", PaymentHandlers.SlowCard, ("mug", 3));
        await company.Order("just", PaymentHandlers.SlowCard, ("mug", 2));
        await company.Becomes("late", story => story.Payment == "payment.requested");
        await company.Becomes("just", story => story.Payment == "payment.requested");
        await company.IsTimed("late");
        await company.IsTimed("just");

        await company.Kill("orders");
        await company.SettleOrderPayment("just"); // Whichever is first, its answer or the end of its time, decides.
        await company.Start(["orders"], days: 2);
        var before = await company.Becomes("late", story => story.IsFinished);
        await company.SettleOrderPayment("late");
        await company.Becomes("late", story => story.Payment == "payment.refunded");
        await company.Order("next", "full", ("mug", 1)); // It is heard behind what the bank has said.
        await company.AllEnd();

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

    /// <summary>The others are away until the time of an order is over, and then hear of its beginning and
    /// its end at once.</summary>
    private static async Task IgnoreRequests(string broker, string address)
    {
        await using var company = await ChoreographyServices.Start(broker, address);
        await using var echo = await MessageReplayer.Start(broker, address);
        await company.AddStock("mug", 10);
        await company.Kill("payments");
        await company.Order("unpaid", "full", ("mug", 3));
        await company.Becomes("unpaid", story => story.Order == "order.payment-requested");
        await company.Kill("inventory");
        await company.Order("unheard", "full", ("mug", 2));
        await company.IsTimed("unpaid");
        await company.IsTimed("unheard");

        await company.Kill("orders");
        await company.Start(["orders"], days: 2);
        await company.Becomes("unpaid", story => story.Order == "order.cancelled");
        await company.Becomes("unheard", story => story.Order == "order.cancelled");
        await company.Start(["inventory", "payments"]);
        var ends = await company.AllEnd();
        // What the inventory had to say of the others is heard before it.
        await company.Order("next", "full", ("mug", 1));
        await company.AllEnd();

        // Taken, and given back.
        Assert.Equal(["payment.refunded", "payment.called-off"], ends.Select(story => story.Payment));
        (await company.Close()).Reconcile();
    }

    /// <summary>Answers to what nobody has asked, and the wrong ones, become dead letters and change nothing.</summary>
    private static async Task PublishImpossibleMessages(string broker, string address)
    {
        await using var company = await ChoreographyServices.Start(broker, address);
        await using var echo = await MessageReplayer.Start(broker, address);
        await company.AddStock("mug", 10);
        await company.Order("real", PaymentHandlers.SlowCard, ("mug", 3));
        await company.Becomes("real", story => story.Payment == "payment.requested");

        await echo.PublishMessage(
            Topics.Payments, Of("payment."
                + "processed", "payment-stranger", """{"order":"stranger","transactionId":"1","amount":30}"""));
        await echo.PublishMessage(
            Topics.Payments, Of("payment."
                + "processed", "payment-false", """{"order":"real","transactionId":"1","amount":1}"""));
        await echo.PublishMessage(
            Topics.Inventory, Of("inventory."
                + "committed", "stock-false", """{"order":"real","product":"mug","quantity":3}"""));
        await company.Refuses(3);
        await company.SettleOrderPayment("real");
        await company.AllEnd();

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
