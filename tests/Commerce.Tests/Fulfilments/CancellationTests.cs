using Commerce.Customers;
using Commerce.Fulfilments;
using Commerce.Orders;
using Commerce.Payments;
using Microsoft.Extensions.DependencyInjection;

namespace Commerce.Tests.Fulfilments;

/// <summary>Tests who cancels an order in fulfilment, and what the log contains afterwards.</summary>
public sealed class CancellationTests
{
    private static readonly SendOptions Patient = new()
    {
        // The delays are zero, because the clock of the host stands still.
        Retry = new ConflictRetry(1_000, TimeSpan.Zero, TimeSpan.Zero),
    };

    [Fact]
    public async Task A_refused_cancellation_leaves_no_reason_in_the_log()
    {
        await using var shop = await FulfilmentHost.Start();
        var order = await shop.CheckedOut((await shop.GivenProduct(10), 3));

        await Assert.ThrowsAsync<WrongStateException>(() => shop.Do(new CancelOrder(order, "changed my mind")));

        Assert.Empty(await RequestsOf(shop, order));
    }

    [Fact]
    public async Task Of_two_tabs_that_cancel_the_first_one_decides()
    {
        await using var shop = await FulfilmentHost.Start();
        shop.FakeBank.Answer = _ => null;
        var order = await shop.CheckedOut((await shop.GivenProduct(10), 3));

        string[] reasons = ["too slow", "too dear"];
        await Task.WhenAll(reasons.Select(reason => Task.Run(() => Send(shop, new CancelOrder(order, reason)))));
        await shop.Host.Settle();

        var request = Assert.Single(await RequestsOf(shop, order));
        var view = await shop.Order(order);
        Assert.Equal((OrderStatus.Cancelled, request.Reason), (view.Status, view.Reason));
        Assert.Equal(FulfilmentId.Of(order, 1), request.Fulfilment);
    }

    [Fact]
    public async Task A_cancellation_races_the_point_of_no_return_and_one_of_them_wins()
    {
        await using var shop = await FulfilmentHost.Start();
        var mug = await shop.GivenProduct(100);
        for (var round = 0; round < 10; round++)
        {
            var order = await shop.GivenOrder("Ireland", (mug, 1));
            var isCharging = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            shop.FakeBank.Answer = amount =>
            {
                isCharging.TrySetResult();
                return FakeBank.Pay(amount);
            };
            await shop.Host.Commands.Send(new CheckOut(order, "visa-4242"));
            await isCharging.Task.WaitAsync(TimeSpan.FromMinutes(1));
            for (var turn = 0; turn < 1 << (2 * round); turn++)
                await Task.Yield(); // Each round cancels a little later.

            var isAccepted = await Send(shop, new CancelOrder(order, "changed my mind"));
            await shop.Host.Settle();

            var status = (await shop.Order(order)).Status;
            Assert.Equal(isAccepted ? OrderStatus.Cancelled : OrderStatus.Shipped, status);
            Assert.Equal(isAccepted ? 1 : 0, (await RequestsOf(shop, order)).Count);
        }
    }

    [Fact]
    public async Task A_cancellation_that_is_sent_twice_succeeds_twice()
    {
        await using var shop = await FulfilmentHost.Start();
        shop.FakeBank.Answer = _ => null;
        var order = await shop.CheckedOut((await shop.GivenProduct(10), 3));
        var cancel = new CancelOrder(order, "changed my mind");
        var once = Patient with { IdempotencyKey = "tab-1" };

        var both = await Task.WhenAll(
            Enumerable.Range(0, 2).Select(_ => Task.Run(async () => await shop.Host.Commands.Send(cancel, once))));
        await shop.Host.Settle();
        var later = await shop.Host.Commands.Send(cancel, once);
        var withoutKey = await shop.Host.Commands.Send(cancel);

        Assert.Equal(both[0].Value, both[1].Value);
        Assert.Equal(both[0].Value, later.Value);
        Assert.Equal(OrderStatus.Cancelled, withoutKey.Value.Status);
        Assert.Single(await RequestsOf(shop, order));
        await Assert.ThrowsAsync<WrongStateException>(() => shop.Do(new CancelOrder(order, "too dear")));
    }

    [Fact]
    public async Task An_operator_who_cancels_a_later_attempt_does_not_speak_for_the_customer()
    {
        await using var shop = await FulfilmentHost.Start();
        shop.FakeBank.Answer = amount => new(false, amount.Amount, amount.Currency, "", "no money");
        var order = await shop.CheckedOut((await shop.GivenProduct(10), 3));
        var (first, second) = (FulfilmentId.Of(order, 1), FulfilmentId.Of(order, 2));
        var stored = new OrderCancellationRequested(
            order, CustomerId.New(), "changed my mind", "customer", DateTimeOffset.UnixEpoch, first);
        await Store(shop).Append(StreamOf(order), ExpectedVersion.StreamExists, [stored]);
        shop.FakeBank.Answer = _ => null;
        await shop.Host.Commands.Send(new CheckOut(order, "visa-4242"), Patient);
        await shop.Host.Settle();

        await shop.Processes.Cancel("fulfilment", second.ToString(), "ada", "suspected fraud");
        await shop.Host.Settle();

        var view = await shop.Order(order);
        Assert.Equal((OrderStatus.Cancelled, "suspected fraud"), (view.Status, view.Reason));
    }

    [Fact]
    public async Task A_cancellation_that_is_repeated_after_its_held_undo_was_resumed_succeeds()
    {
        await using var shop = await FulfilmentHost.Start();
        var (order, cancel) = await GivenHeldCancellation(shop);
        await shop.Processes.Resume("fulfilment", order.ToString(), "ada", "the bank is back");

        await shop.Host.Commands.Send(cancel, Patient);

        Assert.Single(await RequestsOf(shop, order));
    }

    [Fact]
    public async Task A_cancellation_that_an_operator_revoked_is_not_the_reason_of_a_later_undo()
    {
        await using var shop = await FulfilmentHost.Start();
        var (order, _) = await GivenHeldCancellation(shop);
        var log = shop.Host.Services.GetRequiredService<FulfilmentLog>();
        var before = await log.FindUndoReason(FulfilmentId.Of(order, 1), default);

        await shop.Processes.ResumeFrom("fulfilment", order.ToString(), "request-payment", "ada", "they called");

        var after = await log.FindUndoReason(FulfilmentId.Of(order, 1), default);
        Assert.Equal(("customer", true), (before.CancelledBy, before.IsOfOrder));
        Assert.Equal((null, false), (after.CancelledBy, after.IsOfOrder));
    }

    [Fact]
    public async Task A_cancellation_answers_with_the_version_of_the_order_and_not_of_its_fulfilment()
    {
        await using var shop = await FulfilmentHost.Start();
        shop.FakeBank.Answer = _ => null;
        var order = await shop.CheckedOut((await shop.GivenProduct(10), 3));
        var before = await Store(shop).ReadStream(StreamOf(order)).CountAsync();

        var result = await shop.Host.Commands.Send(new CancelOrder(order, "changed my mind"), Patient);

        Assert.Equal(before + 1, result.Version);
    }

    [Fact]
    public async Task A_command_cannot_cancel_a_process_of_another_store()
    {
        await using var other = await FulfilmentHost.Start();
        other.FakeBank.Answer = _ => null;
        var order = await other.CheckedOut((await other.GivenProduct(10), 3));
        var log = new FulfilmentLog(other.Processes, other.Host.Services.GetRequiredService<ShopClock>());
        await using var shop = await FulfilmentHost.Start(millrace => millrace.Services.AddSingleton(log));
        shop.FakeBank.Answer = _ => null;
        await shop.GivenOrder(order, "Ireland", (await shop.GivenProduct(10), 3));
        await shop.Do(new CheckOut(order, "visa-4242"));

        await Assert.ThrowsAsync<ArgumentException>(() => Send(shop, new CancelOrder(order, "changed my mind")));

        Assert.Equal(ProcessState.Running, (await other.Fulfilment(order)).State);
        Assert.Empty(await RequestsOf(shop, order));
    }

    /// <summary>Cancels an order whose payment cannot be refunded, so that its undo is held.</summary>
    private static async Task<(OrderId Order, CancelOrder Command)> GivenHeldCancellation(FulfilmentHost shop)
    {
        shop.FakeBank.Answer = _ => null;
        var order = await shop.CheckedOut((await shop.GivenProduct(10), 3));
        shop.FakeBank.RefundFault = () => new CardPaymentsUnavailableException("The payment service is unavailable.");
        var cancel = new CancelOrder(order, "changed my mind");
        await shop.Host.Commands.Send(cancel, Patient);
        await shop.Host.SettleWithFailures();
        while ((await shop.Fulfilment(order)).State == ProcessState.Compensating)
            await shop.Host.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(ProcessState.Held, (await shop.Fulfilment(order)).State);
        return (order, cancel);
    }

    private static EventStore Store(FulfilmentHost shop) => shop.Host.Services.GetRequiredService<EventStore>();

    private static StreamId StreamOf(OrderId order) => new($"order-{order}");

    /// <summary>Returns whether a cancellation is accepted.</summary>
    private static async Task<bool> Send(FulfilmentHost shop, CancelOrder command)
    {
        try
        {
            await shop.Host.Commands.Send(command, Patient);
            return true;
        }
        catch (WrongStateException)
        {
            return false;
        }
    }

    private static async Task<IReadOnlyList<OrderCancellationRequested>> RequestsOf(FulfilmentHost shop, OrderId order)
    {
        var found = new List<OrderCancellationRequested>();
        await foreach (var recorded in Store(shop).ReadStream(StreamOf(order)))
        {
            if (recorded.Data is OrderCancellationRequested requested)
                found.Add(requested);
        }
        return found;
    }
}
