using Commerce.SharedKernel;

namespace Commerce.Payments;

/// <summary>Records the final result of a payment that the payment service had accepted.</summary>
public sealed record SettlePayment(PaymentId Payment, Settlement Settlement) : ICommand;

/// <summary>Records the result; the waiting fulfilment continues.</summary>
public static class SettlePaymentHandler
{
    public static void Handle(SettlePayment command, Payment payment, ShopClock clock) =>
        payment.Settle(command.Settlement, clock.Now);
}
