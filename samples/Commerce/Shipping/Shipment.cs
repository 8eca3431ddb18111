using Commerce.Orders;
using Commerce.SharedKernel;

namespace Commerce.Shipping;

[Id<Guid>]
public readonly partial record struct ShipmentId
{
    /// <summary>The shipment of one try to fulfil an order.</summary>
    public static ShipmentId Of(FulfilmentId fulfilment) => new(NameBasedId.Of("shipment", fulfilment.Value));
}

/// <summary>The carrier is to fetch a parcel.</summary>
[Event("shipment.created", NameReason = "The carrier creates it, under a tracking code of its own.")]
public sealed record ShipmentCreated(
    ShipmentId Shipment, OrderId Order, string Zone, string TrackingCode, DateTimeOffset OccurredAt);

/// <summary>The carrier need not come.</summary>
[Event("shipment.cancelled")]
public sealed record ShipmentCancelled(ShipmentId Shipment, OrderId Order, string Reason, DateTimeOffset OccurredAt);

/// <summary>The carrier has handed the parcel over.</summary>
[Event("shipment.delivered")]
public sealed record ShipmentDelivered(
    ShipmentId Shipment, OrderId Order, FulfilmentId Fulfilment, DateTimeOffset OccurredAt);

/// <summary>What was agreed with the carrier.</summary>
[Stream("shipment")]
public sealed partial class Shipment : Aggregate<ShipmentId>
{
    private bool _isCancelled;
    private bool _isDelivered;

    public OrderId Order { get; private set; }

    public string TrackingCode { get; private set; } = "";

    /// <summary>Agrees with the carrier on a parcel.</summary>
    /// <exception cref="UnknownDestinationException">The carrier does not go there.</exception>
    public void Create(OrderId order, string country, DateTimeOffset at)
    {
        var zone = DeliveryZone.Of(country);
        if (Version == 0)
            Raise(
                new ShipmentCreated(Id, order, zone.Name, $"MILL{Id.Value.ToString("N")[..10].ToUpperInvariant()}", at)
            );
    }

    /// <summary>Calls the carrier off; where nothing was agreed there is nothing to do.</summary>
    public void Cancel(string reason, DateTimeOffset at)
    {
        if (Version > 0 && !_isCancelled)
            Raise(new ShipmentCancelled(Id, Order, reason, at));
    }

    /// <summary>The parcel has arrived.</summary>
    public void Deliver(FulfilmentId fulfilment, DateTimeOffset at)
    {
        if (!_isDelivered)
            Raise(new ShipmentDelivered(Id, Order, fulfilment, at));
    }

    private void When(ShipmentCreated created) => (Order, TrackingCode) = (created.Order, created.TrackingCode);

    private void When(ShipmentCancelled cancelled) => _isCancelled = true;

    private void When(ShipmentDelivered delivered) => _isDelivered = true;
}
