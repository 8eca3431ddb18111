namespace CardPayments.Charges;

[Id<Guid>]
public readonly partial record struct ChargeId;

/// <summary>
/// Money taken from a card. Whoever asks names it, so that asking again is the same charge, and calling it off is
/// possible before the request has arrived.
/// </summary>
[Stream("charge")]
public sealed partial class Charge : Aggregate<ChargeId>
{
    private string _card = "";
    private bool _captures;

    public string Reference { get; private set; } = "";

    public decimal Amount { get; private set; }

    public decimal Refunded { get; private set; }

    public string Currency { get; private set; } = "";

    public ChargeStatus Status { get; private set; }

    public string? TransactionId { get; private set; }

    public string? Reason { get; private set; }

    /// <summary>Asks for money. Asked again it changes nothing; what was called off before stays so.</summary>
    /// <returns>Whether the bank's answer is still to come.</returns>
    public bool Request(
        string reference, decimal amount, string currency, string card, bool captures, DateTimeOffset at)
    {
        if (Version > 0)
        {
            var isSame =
                Reference.Length == 0 || (reference, amount, currency, card) == (Reference, Amount, Currency, _card);
            Require(isSame, "same-charge", "A charge of this id asks for something else.");
            return false;
        }
        Raise(new ChargeRequested(Id, reference, amount, currency, card, captures, at));
        var (_, isLater) = TestCardRules.Judge(card);
        if (!isLater)
            Settle(at);
        return isLater;
    }

    /// <summary>The bank answers; what is settled stays as it is.</summary>
    public void Settle(DateTimeOffset at)
    {
        if (Version == 0 || Status != ChargeStatus.Pending)
            return;
        if (TestCardRules.Judge(_card).Refusal is { } refusal)
        {
            Raise(new ChargeDeclined(Id, Reference, refusal, at));
            return;
        }
        Raise(new ChargeAuthorized(Id, Reference, Amount, Currency, at));
        if (_captures)
            Capture(at);
    }

    /// <summary>Takes the promised money; taken already, it changes nothing.</summary>
    public void Capture(DateTimeOffset at)
    {
        if (Status == ChargeStatus.Captured)
            return;
        if (Status != ChargeStatus.Authorized)
            throw new WrongStateException(nameof(Charge), "charge-authorized", Status.ToString(), "be captured");
        Raise(new ChargeCaptured(Id, Reference, Amount, Currency, $"tx-{Id.Value.ToString("N")[20..]}", at));
    }

    /// <summary>Gives back what was taken, or some of it; calls off what was not taken yet.</summary>
    public void Refund(decimal? amount, string reason, DateTimeOffset at)
    {
        if (Status is ChargeStatus.Declined or ChargeStatus.Voided
            || (Status == ChargeStatus.Refunded && amount is null))
            return;
        if (Status != ChargeStatus.Captured)
        {
            Raise(new ChargeVoided(Id, Reference, reason, at));
            return;
        }
        var back = amount ?? Amount - Refunded;
        Require(back > 0, "refund-positive", "A refund is more than zero.");
        Require(back <= Amount - Refunded, "refund-within-charge", "More cannot go back than was taken.");
        Raise(new ChargeRefunded(Id, Reference, back, Currency, reason, at));
    }

    private void When(ChargeRequested requested) => (Reference, Amount, Currency, _card, _captures) =
        (requested.Reference, requested.Amount, requested.Currency, requested.Card, requested.Captures);

    private void When(ChargeAuthorized authorized) => Status = ChargeStatus.Authorized;

    private void When(ChargeDeclined declined) => (Status, Reason) = (ChargeStatus.Declined, declined.Reason);

    private void When(ChargeCaptured captured) =>
        (Status, TransactionId) = (ChargeStatus.Captured, captured.TransactionId);

    private void When(ChargeVoided voided) => (Status, Reason) = (ChargeStatus.Voided, voided.Reason);

    private void When(ChargeRefunded refunded)
    {
        Refunded += refunded.Amount;
        if (Refunded == Amount)
            (Status, Reason) = (ChargeStatus.Refunded, refunded.Reason);
    }
}
