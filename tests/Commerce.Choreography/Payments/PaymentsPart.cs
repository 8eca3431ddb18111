using Commerce.Choreography.Orders;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Millrace.Messaging;

namespace Commerce.Choreography.Payments;

/// <summary>What the service that takes money tells the others, and does about what they tell.</summary>
internal static class PaymentsPart
{
    public static void Of(TransportBuilder transport) =>
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

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapCommand<SettlePayment>("/payments/{order}/settle");
}
