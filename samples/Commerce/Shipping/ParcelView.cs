using Commerce.Customers;
using Commerce.Orders;
using Commerce.SharedKernel;

namespace Commerce.Shipping;

/// <summary>The carrier's data of an order.</summary>
/// <param name="Zone">The carrier's zone: home, near or far.</param>
/// <param name="Due">The expected arrival; set once the parcel was shipped.</param>
public sealed record ParcelView(
    OrderId Order,
    [property: Indexed] string Number,
    CustomerId Customer,
    [property: PersonalData(Subject = nameof(ParcelView.Customer))] string Receiver,
    string Country,
    [property: Indexed] string Zone,
    ParcelStatus Status,
    string? TrackingCode,
    DateTimeOffset? Due);

/// <summary>The status of a parcel.</summary>
public enum ParcelStatus
{
    /// <summary>An order for it was created.</summary>
    Announced,

    /// <summary>The carrier has it.</summary>
    OnItsWay,

    /// <summary>The customer has it.</summary>
    Arrived,
}

/// <summary>
/// The parcels of the shop's own orders. Countries are free text, but the carrier has a fixed list. An order to an
/// unknown country cannot be announced. Its events wait as dead letters until an operator corrects the country. All
/// other orders continue.
/// </summary>
/// <remarks>Version 2 encrypts personal data.</remarks>
[Projection("parcels", Version = 2)]
public sealed partial class ParcelProjection : Projection<OrderId, ParcelView>
{
    public static OrderId Key(OrderCreated created) => created.Order;

    public static ParcelView Apply(ParcelView? parcel, OrderCreated created) => new(
        created.Order,
        created.Number,
        created.Customer,
        created.Buyer,
        created.Address?.Country ?? Erased.Text,
        created.Address is { } address ? DeliveryZone.Of(address.Country).Name : Erased.Text,
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
            Due = parcel.Country == Erased.Text
                ? null
                : shipped.OccurredAt.AddDays(DeliveryZone.Of(parcel.Country).Days),
        };

    public static OrderId Key(OrderDelivered delivered) => delivered.Order;

    public static ParcelView? Apply(ParcelView? parcel, OrderDelivered delivered) =>
        parcel is null ? null : parcel with { Status = ParcelStatus.Arrived };

    public static OrderId Key(OrderCancelled cancelled) => cancelled.Order;

    public static ParcelView? Apply(ParcelView? parcel, OrderCancelled cancelled) => null;
}
