using Commerce.Choreography.Orders;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Millrace.Messaging;

namespace Commerce.Choreography.Inventory;

/// <summary>
/// What the service that keeps the stock tells the others, and does about what they tell. What it has no line for is
/// passed over.
/// </summary>
internal static class InventoryPart
{
    public static void Of(TransportBuilder transport) => transport
        .Publish<InventoryReserved>(Topics.Inventory)
        .Publish<InventoryReservationFailed>(Topics.Inventory)
        .Publish<InventoryCommitted>(Topics.Inventory)
        .Publish<ProductStockChanged>(Topics.Inventory)
        .Receive("inventory-of-orders", Topics.Orders, receiver => receiver
            .Send<OrderSubmitted>(submitted => new Reserve(submitted.Order, submitted.Lines))
            .Send<OrderPaid>(paid => new CommitReservation(paid.Order))
            .Send<OrderPaymentFailed>(failed => new ReleaseReservation(failed.Order))
            .Send<OrderCancelled>(cancelled => new ReleaseReservation(cancelled.Order)));

    public static void Map(IEndpointRouteBuilder routes) => routes.MapCommand<AddStock>("/stock");
}
