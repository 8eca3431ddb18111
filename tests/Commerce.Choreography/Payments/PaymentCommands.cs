namespace Commerce.Choreography.Payments;

public sealed record TakePayment(OrderId Order, decimal Amount, string Card) : ICommand;

/// <summary>The bank answers.</summary>
public sealed record SettlePayment(OrderId Order, bool IsPaid) : ICommand;

public sealed record CallOffPayment(OrderId Order, string Reason) : ICommand;

/// <summary>Answers all of them. The bank is in the same house: it answers at once, unless the card is a slow
/// one.</summary>
public static class PaymentHandlers
{
    /// <summary>A card that the bank answers on request, and a card that it refuses.</summary>
    public const string SlowCard = "slow", EmptyCard = "empty";

    public static void Handle(TakePayment command, [OrNew] Payment payment)
    {
        if (payment.Request(command.Amount) && command.Card != SlowCard)
            payment.Settle(command.Card != EmptyCard);
    }

    public static void Handle(SettlePayment command, Payment payment) => payment.Settle(command.IsPaid);

    public static void Handle(CallOffPayment command, [OrNew] Payment payment) => payment.CallOff(command.Reason);
}
