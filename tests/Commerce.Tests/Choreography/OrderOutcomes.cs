namespace Commerce.Tests.Choreography;

/// <summary>What each of the services says of an order last, by the stored name of the event; null
/// where one says nothing.</summary>
internal sealed record OrderOutcomes(string Id, string? Order, string? Reservation, string? Payment)
{
    /// <summary>Whether all three are at an end, and at the same one.</summary>
    public bool IsFinished => this switch
    {
        { Order: "order.shipping-started", Reservation: "reservation.committed", Payment: "payment.processed" } => true,
        { Order: "order.failed", Reservation: "inventory.reservation-failed", Payment: null } => true,
        { Order: "order.payment-failed", Reservation: "reservation.released", Payment: "payment.failed" } => true,
        { Order: "order.cancelled", Reservation: "reservation.released" or "inventory.reservation-failed" } =>
            Payment is "payment.called-off" or "payment.refunded",
        _ => false,
    };
}
