namespace Commerce.Choreography.Payments;

/// <summary>
/// The payment of an order. If the bank captures money after the payment was called off, the same commit refunds it.
/// </summary>
[Stream("payment")]
public sealed partial class Payment : Aggregate<OrderId>
{
    private enum Status
    {
        None,
        Requested,
        CalledOff,
        Taken,
        Ended,
    }

    private Status _status;
    private decimal _amount;

    /// <summary>Requests the payment. Returns false if the payment was already requested or called off.</summary>
    public bool Request(decimal amount)
    {
        if (_status != Status.None)
            return false;
        Raise(new PaymentRequested(Id, amount));
        return true;
    }

    /// <summary>
    /// Records the answer of the bank. A repeated answer changes nothing, and a late payment is refunded.
    /// </summary>
    public void Settle(bool isPaid)
    {
        Require(_amount > 0, "payment-requested", "No payment was requested.");
        if (_status is not (Status.Requested or Status.CalledOff))
            return;
        var isLate = _status == Status.CalledOff;
        if (isPaid)
            Raise(new PaymentProcessed(Id, $"bank-{Id}", _amount));
        else
            Raise(new PaymentFailed(Id, "The bank refused the payment."));
        if (isPaid && isLate)
            Raise(new PaymentRefunded(Id, _amount, "The order was cancelled before the bank answered."));
    }

    /// <summary>
    /// Calls the payment off, because the order was cancelled. Captured money is refunded, and no more is captured.
    /// </summary>
    public void CallOff(string reason)
    {
        if (_status == Status.Taken)
            Raise(new PaymentRefunded(Id, _amount, reason));
        else if (_status is Status.None or Status.Requested)
            Raise(new PaymentCalledOff(Id));
    }

    private void When(PaymentRequested requested) => (_status, _amount) = (Status.Requested, requested.Amount);

    private void When(PaymentProcessed processed) => _status = Status.Taken;

    private void When(PaymentFailed failed) => _status = Status.Ended;

    private void When(PaymentCalledOff calledOff) => _status = Status.CalledOff;

    private void When(PaymentRefunded refunded) => _status = Status.Ended;
}
