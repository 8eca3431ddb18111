namespace CardPayments.Charges;

[Id<Guid>]
public readonly partial record struct ChargeId;

/// <summary>
/// A charge to a card. The caller chooses the id, so that a repeated request is the same charge. The caller can void a
/// charge before the request has arrived.
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

    /// <summary>Requests money. A repeated request changes nothing, and a voided charge stays voided.</summary>
    /// <returns>True when the bank answers later.</returns>
    public bool Request(
        string reference, decimal amount, string currency, string card, bool captures, DateTimeOffset at)
    {
        if (Version > 0)
        {
            var isSame =
                Reference.Length == 0 || (reference, amount, currency, card) == (Reference, Amount, Currency, _card);
            Require(isSame, "same-charge", "A charge with this id has other data.");
            return false;
        }
        Raise(new ChargeRequested(Id, reference, amount, currency, card, captures, at));
        var (_, isLater) = TestCardRules.Judge(card);
        if (!isLater)
            Settle(at);
        return isLater;
    }

    /// <summary>Records the bank's answer. A settled charge does not change.</summary>
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

    /// <summary>Captures the authorized money. A captured charge does not change.</summary>
    public void Capture(DateTimeOffset at)
    {
        if (Status == ChargeStatus.Captured)
            return;
        if (Status != ChargeStatus.Authorized)
            throw new WrongStateException(nameof(Charge), "charge-authorized", Status.ToString(), "be captured");
        Raise(new ChargeCaptured(Id, Reference, Amount, Currency, $"tx-{Id.Value.ToString("N")[20..]}", at));
    }

    /// <summary>Refunds all or some of the captured money. Voids a charge that is not captured yet.</summary>
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
        Require(back > 0, "refund-positive", "The amount of a refund must be greater than zero.");
        Require(back <= Amount - Refunded, "refund-within-charge", "A refund must not exceed the captured amount.");
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
