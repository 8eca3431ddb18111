using Commerce.Orders;

namespace Commerce.Shipping;

/// <summary>Gets the carrier's data of an order.</summary>
public sealed record GetParcel(OrderId Order) : IQuery<ParcelView?>;

/// <summary>Handles queries about parcels.</summary>
public static class ParcelQueries
{
    public static async Task<ParcelView?> Handle(
        GetParcel query,
        IReadModel<OrderId, ParcelView> parcels,
        QueryContext context,
        CancellationToken cancellationToken) => await parcels.Get(query.Order, context, cancellationToken);
}
