using Commerce.Orders;
using Commerce.SharedKernel;

namespace Commerce.Shipping;

[Id<Guid>]
public readonly partial record struct ShipmentId
{
    /// <summary>Returns the id of the shipment of one attempt to fulfil an order.</summary>
    public static ShipmentId Of(FulfilmentId fulfilment) => new(NameBasedId.Of("shipment", fulfilment.Value));
}

/// <summary>The carrier will fetch a parcel.</summary>
[Event("shipment.created", NameReason = "The carrier creates it, with its own tracking code.")]
public sealed record ShipmentCreated(
    ShipmentId Shipment, OrderId Order, string Zone, string TrackingCode, DateTimeOffset OccurredAt);

/// <summary>The shipment was cancelled: the carrier does not come.</summary>
[Event("shipment.cancelled")]
public sealed record ShipmentCancelled(ShipmentId Shipment, OrderId Order, string Reason, DateTimeOffset OccurredAt);

/// <summary>The carrier has delivered the parcel.</summary>
[Event("shipment.delivered")]
public sealed record ShipmentDelivered(
    ShipmentId Shipment, OrderId Order, FulfilmentId Fulfilment, DateTimeOffset OccurredAt);

/// <summary>A shipment booked with the carrier.</summary>
[Stream("shipment")]
public sealed partial class Shipment : Aggregate<ShipmentId>
{
    private bool _isCancelled;
    private bool _isDelivered;

    public OrderId Order { get; private set; }

    public string TrackingCode { get; private set; } = "";

    /// <summary>Books a shipment with the carrier.</summary>
    /// <exception cref="UnknownDestinationException">The carrier does not deliver there.</exception>
    public void Create(OrderId order, string country, DateTimeOffset at)
    {
        var zone = DeliveryZone.Of(country);
        if (Version == 0)
            Raise(
                new ShipmentCreated(Id, order, zone.Name, $"MILL{Id.Value.ToString("N")[..10].ToUpperInvariant()}", at)
            );
    }

    /// <summary>Cancels the shipment. Does nothing when no shipment was booked.</summary>
    public void Cancel(string reason, DateTimeOffset at)
    {
        if (Version > 0 && !_isCancelled)
            Raise(new ShipmentCancelled(Id, Order, reason, at));
    }

    /// <summary>Records that the parcel has arrived.</summary>
    public void Deliver(FulfilmentId fulfilment, DateTimeOffset at)
    {
        if (!_isDelivered)
            Raise(new ShipmentDelivered(Id, Order, fulfilment, at));
    }

    private void When(ShipmentCreated created) => (Order, TrackingCode) = (created.Order, created.TrackingCode);

    private void When(ShipmentCancelled cancelled) => _isCancelled = true;

    private void When(ShipmentDelivered delivered) => _isDelivered = true;
}
