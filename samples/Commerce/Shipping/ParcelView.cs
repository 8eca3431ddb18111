using Commerce.Orders;

namespace Commerce.Shipping;

/// <summary>What the carrier is told of an order.</summary>
/// <param name="Zone">The carrier's zone: home, near or far.</param>
/// <param name="Due">When it is to arrive; known once it is on its way.</param>
public sealed record ParcelView(
    OrderId Order,
    [property: Indexed] string Number,
    string Receiver,
    string Country,
    [property: Indexed] string Zone,
    ParcelStatus Status,
    string? TrackingCode,
    DateTimeOffset? Due);

/// <summary>Where a parcel is.</summary>
public enum ParcelStatus
{
    /// <summary>An order for it was begun.</summary>
    Announced,

    /// <summary>The carrier has it.</summary>
    OnItsWay,

    /// <summary>The customer has it.</summary>
    Arrived,
}

/// <summary>
/// The parcels of the shop's own orders. Countries are free text, and the carrier's are a list: an order to a country
/// that it does not know cannot be announced. Its events wait as dead letters until somebody corrects the country, and
/// all other orders go on.
/// </summary>
[Projection("parcels")]
public sealed partial class ParcelProjection : Projection<OrderId, ParcelView>
{
    public static OrderId Key(OrderCreated created) => created.Order;

    public static ParcelView Apply(ParcelView? parcel, OrderCreated created) => new(
        created.Order,
        created.Number,
        created.Buyer,
        created.Address.Country,
        DeliveryZone.Of(created.Address.Country).Name,
        ParcelStatus.Announced,
        null,
        null);

    public static OrderId Key(OrderShipped shipped) => shipped.Order;

    public static ParcelView? Apply(ParcelView? parcel, OrderShipped shipped) => parcel is null
        ? null
        : parcel with
        {
            Status = ParcelStatus.OnItsWay,
            TrackingCode = shipped.TrackingCode,
            Due = shipped.OccurredAt.AddDays(DeliveryZone.Of(parcel.Country).Days),
        };

    public static OrderId Key(OrderDelivered delivered) => delivered.Order;

    public static ParcelView? Apply(ParcelView? parcel, OrderDelivered delivered) =>
        parcel is null ? null : parcel with { Status = ParcelStatus.Arrived };

    public static OrderId Key(OrderCancelled cancelled) => cancelled.Order;

    public static ParcelView? Apply(ParcelView? parcel, OrderCancelled cancelled) => null;
}
