using Commerce.Orders;
using Commerce.Payments;
using Commerce.Shipping;

namespace Commerce.Fulfilments;

/// <summary>
/// Fulfils an order after checkout. Each step is one command, and its effect is undone when a later step fails, until
/// the carrier has the parcel. After that point the process only moves forward. When it cannot continue, a person
/// decides.
/// </summary>
[Process(Name)]
public sealed class Fulfilment : Process<FulfilmentId>
{
    public const string Name = "fulfilment";

    /// <summary>The maximum time for the payment service to answer.</summary>
    public static TimeSpan PaymentWithin { get; } = TimeSpan.FromHours(1);

    /// <summary>The time after which a missing parcel is investigated.</summary>
    public static TimeSpan DeliveryWithin { get; } = TimeSpan.FromDays(30);

    protected override void Define(ProcessBuilder<FulfilmentId> process) => process
        .StartOn<OrderCheckedOut>(placed => placed.Fulfilment)
        .Step("validate-order", id => new ValidateOrder(id), id => new GiveUpOrder(id))
        .Step("reserve-stock", id => new ReserveOrderStock(id), id => new ReleaseOrderStock(id))
        .Retry(10, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(10)) // Many orders compete for the last pieces.
        .Step("request-payment", id => new RequestPayment(id), id => new RefundPayment(id))
        .Retry(12, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30))
        .FailsOn<CardPaymentsRefusedException>()
        .Await<PaymentSettled>(settled => settled.Fulfilment, PaymentWithin)
        .Step("confirm-payment", id => new ConfirmPayment(id))
        .Step("commit-stock", id => new CommitOrderStock(id), id => new ReturnOrderStock(id))
        .Retry(10, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(10))
        .Step("create-shipment", id => new CreateShipment(id), id => new CancelShipment(id))
        .FailsOn<UnknownDestinationException>()
        .PointOfNoReturn()
        .Step("ship-order", id => new ShipCheckedOutOrder(id))
        .Step("confirm-order", id => new MailConfirmation(id))
        .Retry(20, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5))
        .Await<ShipmentDelivered>(delivered => delivered.Fulfilment, DeliveryWithin, onTimeout: TimeoutRule.Hold)
        .Step("notify-customer", id => new MailArrival(id))
        .Retry(20, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
}
