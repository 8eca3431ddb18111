namespace Commerce.Tests.Choreography;

/// <summary>The last event type of an order in each of the services; null when there is none.</summary>
internal sealed record OrderOutcomes(string Id, string? Order, string? Reservation, string? Payment)
{
    /// <summary>True when all three are complete with the same outcome.</summary>
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
