namespace Commerce.Choreography.Payments;

/// <summary>The money for an order. What the bank takes after it was called off is given back
/// in the same commit.</summary>
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

    /// <summary>Asks the bank; false when that was done before, or was called off.</summary>
    public bool Request(decimal amount)
    {
        if (_status != Status.None)
            return false;
        Raise(new PaymentRequested(Id, amount));
        return true;
    }

    /// <summary>What the bank says; said again or too late, it changes nothing but what has to be given back.</summary>
    public void Settle(bool isPaid)
    {
        Require(_amount > 0, "payment-requested", "Nobody has asked for money.");
        if (_status is not (Status.Requested or Status.CalledOff))
            return;
        var isLate = _status == Status.CalledOff;
        if (isPaid)
            Raise(new PaymentProcessed(Id, $"bank-{Id}", _amount));
        else
            Raise(new PaymentFailed(Id, "The bank refuses."));
        if (isPaid && isLate)
            Raise(new PaymentRefunded(Id, _amount, "The order was cancelled before the bank answered."));
    }

    /// <summary>The order was cancelled: what was taken is given back, and what was not is not to
    /// be taken any more.</summary>
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
