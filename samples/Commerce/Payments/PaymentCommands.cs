using Commerce.Orders;
using Commerce.SharedKernel;

namespace Commerce.Payments;

/// <summary>Pays a submitted order: the money is taken and the reserved goods leave the warehouse.</summary>
public sealed record PayOrder(OrderId Order, PaymentId Payment, Money Amount, string Method, string TransactionId)
    : ICommand<PaymentReceipt>;

/// <summary>What the customer gets for the money.</summary>
public sealed record PaymentReceipt(PaymentId Payment, OrderId Order, Money Amount, string TransactionId);

/// <summary>The bank has refused to pay a submitted order: what was reserved for it is released, and it can be submitted again.</summary>
public sealed record RefusePayment(OrderId Order, PaymentId Payment, string Error) : ICommand;

/// <summary>Answers every command about payments.</summary>
public static class PaymentHandlers
{
    public static void Validate(PayOrder command, ValidationProblems problems) =>
        problems.Require(!string.IsNullOrWhiteSpace(command.TransactionId), "transactionId", "The bank's transaction is missing.");

    public static async Task<PaymentReceipt> Handle(
        PayOrder command, Order order, [New] Payment payment, CommandContext context, ShopClock clock, CancellationToken cancellationToken)
    {
        var now = clock.Now;
        order.MarkPaid(command.Payment, command.TransactionId, now);
        payment.Authorize(order.Id, command.Amount, order.Due, command.Method, now);
        payment.Capture(command.TransactionId, now);
        foreach (var (product, quantity) in order.Quantities())
            (await OrderHandlers.StockOf(product, context, cancellationToken)).Commit(order.Id, quantity, now);
        return new PaymentReceipt(payment.Id, order.Id, payment.Amount, command.TransactionId);
    }

    public static async Task Handle(
        RefusePayment command,
        Order order,
        [New] Payment payment,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken)
    {
        var now = clock.Now;
        order.MarkPaymentFailed(command.Error, now);
        payment.Fail(order.Id, command.Error, now);
        await OrderHandlers.Release(order, context, now, cancellationToken);
    }
}
