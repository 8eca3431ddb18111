using Commerce.Fulfilments;
using Commerce.Orders;
using Commerce.Payments;

namespace Commerce.Tests.Fulfilments;

/// <summary>Tests every outcome of the fulfilment of an order with a virtual clock.</summary>
public sealed class FulfilmentTests
{
    [Fact]
    public async Task An_order_is_reserved_paid_packed_shipped_delivered_and_mailed()
    {
        await using var shop = await FulfilmentHost.Start();
        var (mug, plate) = (await shop.GivenProduct(10), await shop.GivenProduct(5));

        var order = await shop.CheckedOut((mug, 3), (plate, 1));
        var shipped = await shop.Order(order);
        await shop.Do(new DeliverOrder(order));

        Assert.Equal(OrderStatus.Shipped, shipped.Status);
        Assert.StartsWith("MILL", shipped.TrackingCode, StringComparison.Ordinal);
        Assert.Equal(((7, 0), (4, 0)), (await shop.Stock(mug), await shop.Stock(plate)));
        Assert.Equal(40, Assert.Single(shop.FakeBank.Taken).Value);
        Assert.Equal([$"Your order {order.ToNumber()} is on its way", $"Your order {order.ToNumber()} has arrived"],
            shop.TestMailbox.Mails.Select(mail => mail.Subject));
        Assert.Equal((OrderStatus.Delivered, PaymentStatus.Captured),
            ((await shop.Order(order)).Status, (await shop.Payment(order))!.Status));
        var fulfilment = await shop.Fulfilment(order);
        Assert.Equal(ProcessState.Completed, fulfilment.State);
        Assert.All(fulfilment.Steps, step => Assert.Equal("done", step.Stand));
    }

    [Fact]
    public async Task Without_stock_for_every_line_nothing_is_reserved_and_the_order_fails()
    {
        await using var shop = await FulfilmentHost.Start();
        var (plenty, scarce) = (await shop.GivenProduct(10), await shop.GivenProduct(1));

        var order = await shop.CheckedOut((plenty, 5), (scarce, 2));

        var failed = await shop.Order(order);
        Assert.Equal(
            (OrderStatus.Failed, ProcessState.Compensated), (failed.Status, (await shop.Fulfilment(order)).State));
        Assert.Contains("2 of product", failed.Reason, StringComparison.Ordinal);
        Assert.Equal(((10, 0), (1, 0)), (await shop.Stock(plenty), await shop.Stock(scarce)));
        Assert.Empty(shop.FakeBank.RequestCounts);
        Assert.Empty(shop.TestMailbox.Mails);
    }

    [Fact]
    public async Task A_refused_card_releases_the_stock_and_another_card_can_be_tried()
    {
        await using var shop = await FulfilmentHost.Start();
        var mug = await shop.GivenProduct(10);
        shop.FakeBank.Answer = _ => Settlement.Refused("The card was refused.");

        var order = await shop.CheckedOut((mug, 3));
        var (refused, stock) = (await shop.Order(order), await shop.Stock(mug));
        shop.FakeBank.Answer = FakeBank.Pay;
        await shop.Do(new CheckOut(order, "visa-4242"));

        Assert.Equal((OrderStatus.PaymentFailed, "The card was refused."), (refused.Status, refused.Reason));
        Assert.Equal((10, 0), stock);
        Assert.Equal(OrderStatus.Shipped, (await shop.Order(order)).Status);
        Assert.Equal(ProcessState.Compensated, (await shop.Attempt(order, 1)).State);
        Assert.Equal((PaymentStatus.Failed, PaymentStatus.Captured),
            ((await shop.Payment(order))!.Status, (await shop.Payment(order, attempt: 2))!.Status));
        Assert.Equal(2, shop.FakeBank.RequestCounts.Count);
    }

    [Fact]
    public async Task The_shop_waits_for_a_late_answer_of_the_bank_which_may_be_repeated()
    {
        await using var shop = await FulfilmentHost.Start();
        var mug = await shop.GivenProduct(10);
        shop.FakeBank.Answer = _ => null;
        var order = await shop.CheckedOut((mug, 3));
        var waiting = await shop.Fulfilment(order);

        var paid = new SettlePayment(FulfilmentId.Of(order, 1).Payment, new Settlement(true, 30, "GBP", "tx-9", ""));
        await shop.Do(paid);
        await shop.Do(paid);

        Assert.Equal("waiting", waiting.Steps.Single(step => step.Name == "await-payment-settled").Stand);
        Assert.Equal(OrderStatus.Shipped, (await shop.Order(order)).Status);
        Assert.Equal("tx-9", (await shop.Payment(order))!.TransactionId);
        Assert.Equal((7, 0), await shop.Stock(mug));
    }

    [Fact]
    public async Task A_payment_of_another_amount_than_the_due_amount_is_not_accepted()
    {
        await using var shop = await FulfilmentHost.Start();
        shop.FakeBank.Answer = _ => null;
        var order = await shop.CheckedOut((await shop.GivenProduct(10), 3));

        var less = new SettlePayment(FulfilmentId.Of(order, 1).Payment, new Settlement(true, 29, "GBP", "tx-9", ""));

        await Assert.ThrowsAsync<InvalidPaymentAmountException>(() => shop.Do(less));
        Assert.Equal(OrderStatus.Submitted, (await shop.Order(order)).Status);
    }

    [Fact]
    public async Task A_payment_without_an_answer_is_cancelled_after_an_hour_and_a_later_answer_is_ignored()
    {
        await using var shop = await FulfilmentHost.Start();
        var mug = await shop.GivenProduct(10);
        shop.FakeBank.Answer = _ => null;
        var order = await shop.CheckedOut((mug, 3));

        await shop.Host.Advance(Fulfilment.PaymentWithin);
        await shop.Do(
            new SettlePayment(FulfilmentId.Of(order, 1).Payment, new Settlement(true, 30, "GBP", "tx-9", "")));

        var undone = await shop.Fulfilment(order);
        Assert.Equal(ProcessState.Compensated, undone.State);
        Assert.Contains("did not come within", undone.Reason, StringComparison.Ordinal);
        Assert.Equal((OrderStatus.PaymentFailed, PaymentStatus.Failed),
            ((await shop.Order(order)).Status, (await shop.Payment(order))!.Status));
        Assert.Equal((10, 0), await shop.Stock(mug));
        Assert.Single(
            shop.FakeBank.RequestCounts,
            request => request.Key.StartsWith("refund", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_unavailable_payment_service_is_retried_with_one_key_and_then_cancelled()
    {
        await using var shop = await FulfilmentHost.Start();
        var mug = await shop.GivenProduct(10);
        shop.FakeBank.Fault = () => new CardPaymentsUnavailableException("The payment service is unavailable.");

        var order = await shop.CheckedOut((mug, 3));
        await shop.Host.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(
            12,
            Assert.Single(
                shop.FakeBank.RequestCounts,
                request => request.Key.StartsWith("charge", StringComparison.Ordinal)
            ).Value
        );
        Assert.Single(
            shop.FakeBank.RequestCounts,
            request => request.Key.StartsWith("refund", StringComparison.Ordinal));
        Assert.Equal((OrderStatus.PaymentFailed, ProcessState.Compensated),
            ((await shop.Order(order)).Status, (await shop.Fulfilment(order)).State));
        Assert.Equal((10, 0), await shop.Stock(mug));
    }

    [Fact]
    public async Task A_payment_service_that_recovers_in_time_captures_the_amount_once()
    {
        await using var shop = await FulfilmentHost.Start();
        shop.FakeBank.Fault = () => new CardPaymentsUnavailableException("The payment service is unavailable.");
        var order = await shop.CheckedOut((await shop.GivenProduct(10), 3));

        await shop.Host.Advance(TimeSpan.FromSeconds(10));
        shop.FakeBank.Fault = null;
        await shop.Host.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(OrderStatus.Shipped, (await shop.Order(order)).Status);
        Assert.Equal(30, Assert.Single(shop.FakeBank.Taken).Value);
        Assert.Single(shop.FakeBank.RequestCounts);
    }

    [Fact]
    public async Task An_unknown_destination_returns_money_and_goods_and_reverses_the_sale()
    {
        await using var shop = await FulfilmentHost.Start();
        var mug = await shop.GivenProduct(10);
        var order = await shop.GivenOrder("Atlantis", (mug, 3));

        await shop.Host.Commands.Send(new CheckOut(order, "visa-4242"));
        await shop.Host.SettleWithFailures(); // The parcel also becomes a dead letter.

        var cancelled = await shop.Order(order);
        Assert.Equal(
            (OrderStatus.Cancelled, ProcessState.Compensated),
            (cancelled.Status, (await shop.Fulfilment(order)).State));
        Assert.Contains("Atlantis", cancelled.Reason, StringComparison.Ordinal);
        Assert.Equal((10, 0), await shop.Stock(mug));
        Assert.Equal(
            (0, PaymentStatus.Refunded),
            (Assert.Single(shop.FakeBank.Taken).Value, (await shop.Payment(order))!.Status));
        Assert.Equal(
            ["undone", "undone", "undone", "done", "done", "undone", "failed", "open", "open", "open", "open"],
            (await shop.Fulfilment(order)).Steps.Select(step => step.Stand));
    }
}
