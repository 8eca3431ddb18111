using Commerce.Catalogue;
using Commerce.Customers;
using Commerce.Payments;
using Commerce.SharedKernel;

namespace Commerce.Orders;

/// <summary>A draft of an order was created.</summary>
/// <param name="Address">The address of delivery; null after its erasure.</param>
[Event("order.created", NameReason = "A draft is created; it is placed when it is submitted.")]
public sealed record OrderCreated(
    OrderId Order,
    [property: Tag] string Number,
    CustomerId Customer,
    [property: PersonalData(Subject = nameof(OrderCreated.Customer))] string Buyer,
    [property: PersonalData(Subject = nameof(OrderCreated.Customer))] Address? Address,
    DateTimeOffset OccurredAt);

[Event("order.item-added")]
public sealed record OrderItemAdded(
    OrderId Order,
    ProductId Product,
    Sku Sku,
    string ProductName,
    int Quantity,
    Money UnitPrice,
    DateTimeOffset OccurredAt);

[Event("order.item-removed")]
public sealed record OrderItemRemoved(OrderId Order, ProductId Product, Money UnitPrice, DateTimeOffset OccurredAt);

[Event("order.item-quantity-changed")]
public sealed record OrderItemQuantityChanged(
    OrderId Order, ProductId Product, Money UnitPrice, int Quantity, DateTimeOffset OccurredAt);

/// <summary>The customer has placed the order.</summary>
/// <param name="Total">The sum of the lines.</param>
/// <param name="Discount">The discount on the total.</param>
[Event("order.submitted")]
public sealed record OrderSubmitted(
    OrderId Order,
    [property: Tag] CustomerId Customer,
    Money Total,
    Money Discount,
    OrderStatus PreviousStatus,
    DateTimeOffset OccurredAt);

/// <summary>The order was checked out: the shop fulfils it and charges a card.</summary>
/// <param name="Fulfilment">The attempt: after a refused card, another one may be tried.</param>
/// <param name="Card">The name under which the payment service knows the card.</param>
/// <param name="Customer">The customer; null in orders of earlier versions of the shop, also below.</param>
[Event("order.checked-out")]
public sealed record OrderCheckedOut(
    OrderId Order,
    FulfilmentId Fulfilment,
    [property: PersonalData(Subject = nameof(OrderCheckedOut.Customer), ErasedText = Erased.Text)] string? Card,
    DateTimeOffset OccurredAt,
    CustomerId? Customer = null);

[Event("order.paid")]
public sealed record OrderPaid(OrderId Order, PaymentId Payment, string TransactionId, DateTimeOffset OccurredAt);

[Event("order.payment-failed")]
public sealed record OrderPaymentFailed(
    OrderId Order,
    [property: PersonalData(Subject = nameof(OrderPaymentFailed.Customer), ErasedText = Erased.Text)]
    string? ErrorMessage,
    DateTimeOffset OccurredAt,
    CustomerId? Customer = null);

[Event("order.processing-started")]
public sealed record OrderProcessingStarted(OrderId Order, DateTimeOffset OccurredAt);

[Event("order.shipped")]
public sealed record OrderShipped(OrderId Order, string TrackingCode, DateTimeOffset OccurredAt);

[Event("order.delivered")]
public sealed record OrderDelivered(OrderId Order, DateTimeOffset OccurredAt);

/// <summary>The cancellation of an order in fulfilment was requested. The process does not get the reason, which is
/// personal data.</summary>
/// <param name="Fulfilment">The attempt that is undone; null in events of earlier versions of the shop.</param>
[Event("order.cancellation-requested")]
public sealed record OrderCancellationRequested(
    OrderId Order,
    CustomerId Customer,
    [property: PersonalData(Subject = nameof(OrderCancellationRequested.Customer))] string Reason,
    [property: PersonalData(Subject = nameof(OrderCancellationRequested.Customer))] string CancelledBy,
    DateTimeOffset OccurredAt,
    FulfilmentId? Fulfilment = null);

[Event("order.cancelled")]
public sealed record OrderCancelled(
    OrderId Order,
    [property: PersonalData(Subject = nameof(OrderCancelled.Customer), ErasedText = Erased.Text)] string? Reason,
    [property: PersonalData(Subject = nameof(OrderCancelled.Customer), ErasedText = Erased.Text)] string? CancelledBy,
    OrderStatus PreviousStatus,
    DateTimeOffset OccurredAt,
    CustomerId? Customer = null);

[Event("order.failed")]
public sealed record OrderFailed(
    OrderId Order,
    [property: PersonalData(Subject = nameof(OrderFailed.Customer), ErasedText = Erased.Text)] string? Reason,
    DateTimeOffset OccurredAt,
    CustomerId? Customer = null);

[Event("order.items-returned")]
public sealed record OrderItemsReturned(
    OrderId Order,
    IReadOnlyList<ReturnedItem> Items,
    [property: PersonalData(Subject = nameof(OrderItemsReturned.Customer), ErasedText = Erased.Text)] string? Reason,
    DateTimeOffset OccurredAt,
    CustomerId? Customer = null);

/// <summary>Pieces that are returned.</summary>
public sealed record ReturnedItem(ProductId Product, Money UnitPrice, int Quantity);
