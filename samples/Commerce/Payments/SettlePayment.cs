using Commerce.SharedKernel;

namespace Commerce.Payments;

/// <summary>The payment service says what became of a payment that it had taken on.</summary>
public sealed record SettlePayment(PaymentId Payment, Settlement Settlement) : ICommand;

/// <summary>Notes it; whoever waits for it goes on.</summary>
public static class SettlePaymentHandler
{
    public static void Handle(SettlePayment command, Payment payment, ShopClock clock) =>
        payment.Settle(command.Settlement, clock.Now);
}
