using Commerce.Orders;
using Commerce.Payments;
using Commerce.Shipping;

namespace Commerce.Fulfilments;

/// <summary>
/// What becomes of an order that was checked out. Each step is one command, and what it did is undone when a
/// later one fails, up to the point at which the carrier has the parcel: from there it only goes on. Where it
/// cannot, a person is called.
/// </summary>
[Process(Name)]
public sealed class Fulfilment : Process<FulfilmentId>
{
    public const string Name = "fulfilment";

    /// <summary>How long the payment service may take to answer.</summary>
    public static TimeSpan PaymentWithin { get; } = TimeSpan.FromHours(1);

    /// <summary>After which time a parcel that has not arrived is looked for.</summary>
    public static TimeSpan DeliveryWithin { get; } = TimeSpan.FromDays(30);

    protected override void Define(ProcessBuilder<FulfilmentId> process) => process
        .StartOn<OrderCheckedOut>(placed => placed.Fulfilment)
        .Step("validate-order", id => new ValidateOrder(id), id => new GiveUpOrder(id))
        .Step("reserve-stock", id => new ReserveOrderStock(id), id => new ReleaseOrderStock(id))
        .Retry(10, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(10)) // Many reach for the last pieces at once.
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
