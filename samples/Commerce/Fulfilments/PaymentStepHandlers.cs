using System.Diagnostics.CodeAnalysis;
using Commerce.Orders;
using Commerce.Payments;
using Commerce.SharedKernel;

namespace Commerce.Fulfilments;

/// <summary>
/// The fulfilment steps for payments. Each call to the payment service uses the id of its command as the key. The key
/// is the same in every attempt and after a crash, so no money is taken or refunded twice.
/// </summary>
public static class PaymentStepHandlers
{
    [SuppressMessage("Millrace", "MILL0235", Justification = "A repetition under the same key does nothing.")]
    public static async Task Handle(
        RequestPayment command,
        ICardPayments cards,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken)
    {
        var order = await context.OrderOf(command.Fulfilment, cancellationToken);
        // An earlier run of this handler may have requested the money without recording the request, because it stopped
        // or lost a conflict. To refuse this run does not undo that request, so the money is refunded first.
        if (order.HasGivenUp(command.Fulfilment))
        {
            var key = $"{context.CommandId}-off";
            await cards.Refund(
                command.Fulfilment.Payment, null, "The order is not to be fulfilled any more.", key, cancellationToken);
        }
        // Also refuses a late run: it must not charge the card for a fulfilment that has continued.
        order.RequireIn(command.Fulfilment, OrderStatus.Submitted);
        var payment = await context.LoadOrNew<Payment, PaymentId>(command.Fulfilment.Payment, cancellationToken);
        var settlement = await cards.Charge(
            payment.Id, order.Id, order.Due, order.Card, context.CommandId.ToString(), cancellationToken);
        payment.Request(order.Id, command.Fulfilment, order.Due, "card", clock.Now);
        if (settlement is not null)
            payment.Settle(settlement, clock.Now);
    }

    /// <summary>
    /// Refunds at the service before it changes the payment, because the service may have results that the shop has not
    /// received.
    /// </summary>
    [SuppressMessage("Millrace", "MILL0235", Justification = "A repetition under the same key does nothing.")]
    public static async Task Handle(
        RefundPayment command,
        ICardPayments cards,
        FulfilmentLog log,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken)
    {
        var payment = await context.LoadOrNew<Payment, PaymentId>(command.Fulfilment.Payment, cancellationToken);
        if (payment.Status is PaymentStatus.Failed or PaymentStatus.Refunded)
            return;
        var (reason, _, _) = await log.FindUndoReason(command.Fulfilment, cancellationToken);
        await cards.Refund(payment.Id, null, reason, context.CommandId.ToString(), cancellationToken);
        payment.CallOff(command.Fulfilment.Order, reason, clock.Now);
    }

    public static async Task Handle(
        ConfirmPayment command, CommandContext context, ShopClock clock, CancellationToken cancellationToken)
    {
        var order = await context.OrderOf(command.Fulfilment, cancellationToken);
        order.RequireIn(command.Fulfilment, OrderStatus.Submitted);
        var payment = await context.Load<Payment, PaymentId>(command.Fulfilment.Payment, cancellationToken);
        if (payment.Status != PaymentStatus.Captured)
            throw new PaymentDeclinedException(payment.Error);
        order.MarkPaid(payment.Id, payment.TransactionId, clock.Now);
    }
}

/// <summary>Thrown when the bank declines the payment.</summary>
public sealed class PaymentDeclinedException(string reason)
    : InvariantViolatedException(nameof(Payment), "payment-captured", reason)
{
    /// <summary>The reason, as given by the bank.</summary>
    public string Reason { get; } = reason;
}
