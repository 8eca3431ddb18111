namespace Commerce.Tests.Choreography;

/// <summary>
/// The type of the last event of an order in each service, or null if the service has no event of the order.
/// </summary>
internal sealed record OrderOutcomes(string Id, string? Order, string? Reservation, string? Payment)
{
    /// <summary>Gets whether the order is complete in the three services with the same outcome.</summary>
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
