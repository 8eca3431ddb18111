using Commerce.Choreography.Inventory;
using Commerce.Choreography.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Millrace.Messaging;

namespace Commerce.Choreography.Orders;

/// <summary>The messages and routes of the order service.</summary>
internal static class OrdersPart
{
    public static void ConfigureMessages(TransportBuilder transport) =>
        transport
            .Publish<OrderSubmitted>(Topics.Orders)
            .Publish<OrderPaymentRequested>(Topics.Orders)
            .Publish<OrderPaid>(Topics.Orders)
            .Publish<OrderPaymentFailed>(Topics.Orders)
            .Publish<OrderCancelled>(Topics.Orders)
            .Receive(
                "orders-of-inventory",
                Topics.Inventory,
                receiver =>
                    receiver
                        .Send<InventoryReserved>(reserved => new RequestPayment(reserved.Order))
                        .Send<InventoryReservationFailed>(failed => new FailOrder(failed.Order, failed.Reason))
                        .Send<InventoryCommitted>(committed => new StartProcessing(committed.Order))
                        .Send<ProductStockChanged>(changed => new NoteAvailability(changed.Product, changed)))
            .Receive(
                "orders-of-payments",
                Topics.Payments,
                receiver =>
                    receiver
                        .Send<PaymentProcessed>(processed => new MarkPaid(
                            processed.Order, processed.TransactionId, processed.Amount))
                        .Send<PaymentFailed>(failed => new MarkPaymentFailed(failed.Order, failed.ErrorMessage)));

    public static void MapRoutes(IEndpointRouteBuilder routes) => routes.MapCommand<SubmitOrder>("/orders");
}
