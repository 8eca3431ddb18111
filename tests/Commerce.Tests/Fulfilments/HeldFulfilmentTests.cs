using Commerce.Fulfilments;
using Commerce.Orders;
using Commerce.Payments;

namespace Commerce.Tests.Fulfilments;

/// <summary>
/// Tests decisions of people about a fulfilment. Customers cancel orders, and operators handle held fulfilments.
/// </summary>
public sealed class HeldFulfilmentTests
{
    [Fact]
    public async Task A_cancellation_before_the_banks_answer_undoes_everything()
    {
        await using var shop = await FulfilmentHost.Start();
        var mug = await shop.GivenProduct(10);
        shop.FakeBank.Answer = _ => null;
        var order = await shop.CheckedOut((mug, 3));

        await shop.Do(new CancelOrder(order, "changed my mind"));

        var cancelled = await shop.Order(order);
        Assert.Equal((OrderStatus.Cancelled, "changed my mind"), (cancelled.Status, cancelled.Reason));
        Assert.Equal(ProcessState.Compensated, (await shop.Fulfilment(order)).State);
        Assert.Equal((10, 0), await shop.Stock(mug));
        Assert.Single(
            shop.FakeBank.RequestCounts,
            request => request.Key.StartsWith("refund", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_shipped_order_cannot_be_cancelled()
    {
        await using var shop = await FulfilmentHost.Start();
        var order = await shop.CheckedOut((await shop.GivenProduct(10), 3));

        var refused = await Assert.ThrowsAsync<WrongStateException>(() =>
            shop.Do(new CancelOrder(order, "changed my mind")));

        Assert.Equal("fulfilment-can-be-undone", refused.Invariant);
        Assert.Equal(OrderStatus.Shipped, (await shop.Order(order)).Status);
    }

    [Fact]
    public async Task Manual_steps_are_refused_while_a_process_runs()
    {
        await using var shop = await FulfilmentHost.Start();
        shop.FakeBank.Answer = _ => null;
        var order = await shop.CheckedOut((await shop.GivenProduct(10), 3));

        foreach (var byHand in (ICommand<OrderAnswer>[])
                [
                    new RefusePayment(order, "no", Payment: PaymentId.New()),
                    new StartProcessing(order),
                    new ShipOrder(order, "T"),
                    new FailOrder(order, "no"),
                ]
        )
        {
            var refused = await Assert.ThrowsAsync<WrongStateException>(() => shop.Do(byHand));
            Assert.Equal("not-in-fulfilment", refused.Invariant);
        }
        await Assert.ThrowsAsync<WrongStateException>(() =>
            shop.Do(new PayOrder(order, 30, "tx-1", Payment: PaymentId.New())));
        await Assert.ThrowsAsync<WrongStateException>(() => shop.Do(new CheckOut(order, "visa-4242")));
    }

    [Fact]
    public async Task A_failed_refund_is_held_while_the_rest_is_undone_and_an_operator_resumes_it()
    {
        await using var shop = await FulfilmentHost.Start();
        var mug = await shop.GivenProduct(10);
        var order = await shop.GivenOrder("Atlantis", (mug, 3));
        shop.FakeBank.RefundFault = () => new CardPaymentsUnavailableException("The payment service is unavailable.");

        await shop.Host.Commands.Send(new CheckOut(order, "visa-4242"));
        await shop.Host.SettleWithFailures();
        var stock = await shop.Stock(mug);
        while ((await shop.Fulfilment(order)).State == ProcessState.Compensating)
            await shop.Host.Advance(TimeSpan.FromMinutes(1));
        var held = await shop.Fulfilment(order);
        shop.FakeBank.RefundFault = null;
        await shop.Processes.Resume("fulfilment", order.ToString(), "ada", "the bank is back");
        await shop.Host.SettleWithFailures();

        Assert.Equal((10, 0), stock);
        Assert.Equal(ProcessState.Held, held.State);
        Assert.Contains("'request-payment'", held.Reason, StringComparison.Ordinal);
        Assert.Equal(ProcessState.Compensated, (await shop.Fulfilment(order)).State);
        Assert.Equal(0, Assert.Single(shop.FakeBank.Taken).Value);
        Assert.Equal(OrderStatus.Cancelled, (await shop.Order(order)).Status);
    }

    [Fact]
    public async Task A_mail_that_cannot_be_sent_delays_no_parcel_and_is_finally_held_for_an_operator()
    {
        await using var shop = await FulfilmentHost.Start();
        shop.TestMailbox.IsClosed = true;

        var order = await shop.CheckedOut((await shop.GivenProduct(10), 3));
        var shipped = await shop.Order(order);
        await shop.Host.Advance(TimeSpan.FromHours(3));
        var held = await shop.Fulfilment(order);
        shop.TestMailbox.IsClosed = false;
        await shop.Resume(order, "the mail server is back");

        Assert.Equal(OrderStatus.Shipped, shipped.Status);
        Assert.Equal(ProcessState.Held, held.State);
        Assert.Single(shop.TestMailbox.Mails);
        Assert.Equal(ProcessState.Running, (await shop.Fulfilment(order)).State);
        Assert.Single(held.History, entry => entry is { What: "step-done", Step: "ship-order" });
    }

    [Fact]
    public async Task A_missing_parcel_is_held_for_an_operator()
    {
        await using var shop = await FulfilmentHost.Start();
        var order = await shop.CheckedOut((await shop.GivenProduct(10), 3));

        await shop.Host.Advance(Fulfilment.DeliveryWithin);
        var held = await shop.Fulfilment(order);
        await shop.Resume(order, "it lies at the customs");
        await shop.Do(new DeliverOrder(order));

        Assert.Equal(ProcessState.Held, held.State);
        Assert.Equal(
            (OrderStatus.Delivered, ProcessState.Completed),
            ((await shop.Order(order)).Status, (await shop.Fulfilment(order)).State));
        Assert.Equal(2, shop.TestMailbox.Mails.Count);
    }
}
