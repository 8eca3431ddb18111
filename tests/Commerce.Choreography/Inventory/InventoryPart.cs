using Commerce.Choreography.Orders;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Millrace.Messaging;

namespace Commerce.Choreography.Inventory;

/// <summary>
/// The messages and routes of the inventory service. The service ignores messages that are not listed here.
/// </summary>
internal static class InventoryPart
{
    public static void ConfigureMessages(TransportBuilder transport) => transport
        .Publish<InventoryReserved>(Topics.Inventory)
        .Publish<InventoryReservationFailed>(Topics.Inventory)
        .Publish<InventoryCommitted>(Topics.Inventory)
        .Publish<ProductStockChanged>(Topics.Inventory)
        .Receive("inventory-of-orders", Topics.Orders, receiver => receiver
            .Send<OrderSubmitted>(submitted => new Reserve(submitted.Order, submitted.Lines))
            .Send<OrderPaid>(paid => new CommitReservation(paid.Order))
            .Send<OrderPaymentFailed>(failed => new ReleaseReservation(failed.Order))
            .Send<OrderCancelled>(cancelled => new ReleaseReservation(cancelled.Order)));

    public static void MapRoutes(IEndpointRouteBuilder routes) => routes.MapCommand<AddStock>("/stock");
}
