using Commerce.Inventory;
using Commerce.Orders;
using Commerce.SharedKernel;

namespace Commerce.Payments;

/// <summary>Pays a submitted order: the money is captured, and the reserved goods leave the warehouse.</summary>
/// <param name="Payment">The id of the new payment, given by the sender of the command.</param>
public sealed record PayOrder(
    OrderId Order,
    decimal Amount,
    string TransactionId,
    string Currency = Money.Pounds,
    string Method = "card",
    PaymentId Payment = default) : ICommand<PaymentReceipt>;

/// <summary>The receipt for a payment.</summary>
public sealed record PaymentReceipt(PaymentId Payment, OrderId Order, Money Amount, string TransactionId);

/// <summary>Records that the bank declined the payment of a submitted order: reserved stock is released, and the order
/// can be submitted again.</summary>
public sealed record RefusePayment(OrderId Order, string Error, PaymentId Payment = default) : ICommand<OrderAnswer>;

public sealed record GetPayment(PaymentId Payment) : IQuery<PaymentView?>;

/// <summary>Handles all commands and queries about payments.</summary>
public static class PaymentHandlers
{
    public static void Validate(PayOrder command, ValidationProblems problems)
    {
        problems.Require(
            !string.IsNullOrWhiteSpace(command.TransactionId), "transactionId", "The bank's transaction is missing.");
        problems.RequireShort(command.TransactionId, TextLimits.Name, "transactionId");
        problems.RequireShort(command.Method, TextLimits.Name, "method");
    }

    public static void Validate(RefusePayment command, ValidationProblems problems) =>
        problems.RequireShort(command.Error, TextLimits.Remark, "error");

    public static async Task<PaymentReceipt> Handle(
        PayOrder command,
        Order order,
        [New] Payment payment,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken)
    {
        var now = clock.Now;
        order.RequireByHand("be paid");
        order.MarkPaid(payment.Id, command.TransactionId, now);
        payment.Authorize(order.Id, new Money(command.Amount, command.Currency), order.Due, command.Method, now);
        payment.Capture(command.TransactionId, now);
        foreach (var (product, quantity) in order.Quantities())
            (await context.StockOf(product, cancellationToken)).Commit(order.Id, quantity, now);
        return new PaymentReceipt(payment.Id, order.Id, payment.Amount, command.TransactionId);
    }

    public static async Task<OrderAnswer> Handle(
        RefusePayment command,
        Order order,
        [New] Payment payment,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken)
    {
        var now = clock.Now;
        order.RequireByHand("fail to be paid");
        order.MarkPaymentFailed(command.Error, now);
        payment.Fail(order.Id, "refused at the counter", now); // The words of people stay in the order.
        await OrderHandlers.Release(order, context, now, cancellationToken);
        return OrderAnswer.Of(order, "The payment failed.");
    }

    public static async Task<PaymentView?> Handle(
        GetPayment query,
        IReadModel<PaymentId, PaymentView> payments,
        QueryContext context,
        CancellationToken cancellationToken) => await payments.Get(query.Payment, context, cancellationToken);
}
