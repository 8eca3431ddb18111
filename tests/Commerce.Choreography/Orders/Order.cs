namespace Commerce.Choreography.Orders;

/// <summary>
/// An order that messages of the other services advance. Late and repeated messages change nothing. The order refuses
/// impossible messages, which become dead letters for an operator.
/// </summary>
[Stream("order")]
public sealed partial class Order : Aggregate<OrderId>
{
    private enum Status
    {
        Submitted,
        AwaitsPayment,
        Paid,
        Shipping,
        Ended,
    }

    private Status _status;
    private decimal _total;
    private string _card = "";

    public void Submit(IReadOnlyList<OrderLine> lines, string card)
    {
        Require(
            lines.Count > 0 && lines.All(line => line is { Quantity: > 0, UnitPrice: > 0 }),
            "order-not-empty",
            "An order must have lines with a quantity and a price.");
        Raise(new OrderSubmitted(Id, lines, lines.Sum(line => line.Quantity * line.UnitPrice), card));
    }

    /// <summary>
    /// Requests the payment. The stock of all lines is reserved in one commit, so the first message is sufficient.
    /// </summary>
    public void RequestPayment()
    {
        if (_status == Status.Submitted)
            Raise(new OrderPaymentRequested(Id, _total, _card));
    }

    public void Fail(string reason)
    {
        Require(
            _status is Status.Submitted or Status.Ended,
            "nothing-reserved",
            "The stock of the order was already reserved.");
        if (_status == Status.Submitted)
            Raise(new OrderFailed(Id, reason));
    }

    public void MarkPaid(string transactionId, decimal amount)
    {
        Require(_status != Status.Submitted, "payment-requested", "No payment was requested.");
        Require(amount == _total, "valid-payment-amount", $"The order costs {_total}, but {amount} was paid.");
        if (_status == Status.AwaitsPayment)
            Raise(new OrderPaid(Id, transactionId));
    }

    public void MarkPaymentFailed(string error)
    {
        Require(_status is Status.AwaitsPayment or Status.Ended, "payment-awaited", "The order awaits no payment.");
        if (_status == Status.AwaitsPayment)
            Raise(new OrderPaymentFailed(Id, error));
    }

    /// <summary>Starts the processing, after the inventory service has removed the stock.</summary>
    public void StartProcessing()
    {
        Require(_status is Status.Paid or Status.Shipping, "order-paid", "The order is not paid.");
        if (_status == Status.Shipping)
            return;
        Raise(new OrderProcessingStarted(Id));
        Raise(new OrderShippingStarted(Id, $"parcel-{Id}"));
    }

    /// <summary>Cancels the order if it has no outcome yet.</summary>
    public void CancelUndecided(string reason)
    {
        if (_status is Status.Submitted or Status.AwaitsPayment)
            Raise(new OrderCancelled(Id, reason));
    }

    private void When(OrderSubmitted submitted) =>
        (_status, _total, _card) = (Status.Submitted, submitted.Total, submitted.Card);

    private void When(OrderPaymentRequested requested) => _status = Status.AwaitsPayment;

    private void When(OrderPaid paid) => _status = Status.Paid;

    private void When(OrderPaymentFailed failed) => _status = Status.Ended;

    private void When(OrderShippingStarted started) => _status = Status.Shipping;

    private void When(OrderFailed failed) => _status = Status.Ended;

    private void When(OrderCancelled cancelled) => _status = Status.Ended;
}
