using Commerce.Choreography.Orders;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Millrace.Messaging;

namespace Commerce.Choreography.Payments;

/// <summary>The messages and routes of the payment service.</summary>
internal static class PaymentsPart
{
    public static void ConfigureMessages(TransportBuilder transport) =>
        transport
            .Publish<PaymentProcessed>(Topics.Payments)
            .Publish<PaymentFailed>(Topics.Payments)
            .Receive(
                "payments-of-orders",
                Topics.Orders,
                receiver =>
                    receiver
                        .Send<OrderPaymentRequested>(requested => new TakePayment(
                            requested.Order, requested.Amount, requested.Card))
                        .Send<OrderCancelled>(cancelled => new CallOffPayment(cancelled.Order, cancelled.Reason)));

    public static void MapRoutes(IEndpointRouteBuilder routes) =>
        routes.MapCommand<SettlePayment>("/payments/{order}/settle");
}
