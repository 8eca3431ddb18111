namespace Commerce.Choreography.Payments;

public sealed record TakePayment(OrderId Order, decimal Amount, string Card) : ICommand;

/// <summary>Records the answer of the bank.</summary>
public sealed record SettlePayment(OrderId Order, bool IsPaid) : ICommand;

public sealed record CallOffPayment(OrderId Order, string Reason) : ICommand;

/// <summary>
/// Handles the commands of payments, and simulates the bank. The bank answers immediately, except for a slow card.
/// </summary>
public static class PaymentHandlers
{
    /// <summary>A card for which the bank answers only on request, and a card that the bank refuses.</summary>
    public const string SlowCard = "slow", EmptyCard = "empty";

    public static void Handle(TakePayment command, [OrNew] Payment payment)
    {
        if (payment.Request(command.Amount) && command.Card != SlowCard)
            payment.Settle(command.Card != EmptyCard);
    }

    public static void Handle(SettlePayment command, Payment payment) => payment.Settle(command.IsPaid);

    public static void Handle(CallOffPayment command, [OrNew] Payment payment) => payment.CallOff(command.Reason);
}
