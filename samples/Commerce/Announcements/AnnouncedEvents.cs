using Commerce.Fulfilments;
using Commerce.Services;

namespace Commerce.Announcements;

/// <summary>All events that the shop announces, by topic.</summary>
internal static class AnnouncedEvents
{
    private const string Orders = "order-events";
    private const string Products = "product-events";
    private const string Stock = "inventory-events";
    private const string Payments = "payment-events";
    private const string Users = "user-events";
    private const string Sagas = "order-saga";

    /// <summary>The prefix of the stream of a fulfilment process.</summary>
    private const string FulfilmentStream = $"process-{Fulfilment.Name}-";

    public static IReadOnlyList<Announcement> All { get; } =
    [
        new(Orders, "order.created", "order customer time=occurredAt"),
        new(Orders, "order.item-added", "order product productName quantity unitPrice time=occurredAt"),
        new(Orders, "order.item-removed", "order product unitPrice time=occurredAt"),
        new(Orders, "order.item-quantity-changed", "order product unitPrice quantity time=occurredAt"),
        new(Orders, "order.submitted", "order customer total discount previousStatus time=occurredAt"),
        new(Orders, "order.paid", "order payment transactionId time=occurredAt"),
        new(Orders, "order.payment-failed", "order time=occurredAt"),
        new(Orders, "order.processing-started", "order time=occurredAt"),
        new(Orders, "order.shipped", "order trackingCode time=occurredAt"),
        new(Orders, "order.delivered", "order time=occurredAt"),
        new(Orders, "order.cancelled", "order previousStatus time=occurredAt"),
        new(Orders, "order.failed", "order time=occurredAt"),
        new(Sagas, "order.checked-out", "saga=fulfilment order time=occurredAt") { Type = "saga.started" },
        new(Products, "product.created", "product name price time=occurredAt"),
        new(Products, "product.activated", "product time=occurredAt"),
        new(Products, "product.discontinued", "product time=occurredAt"),
        new(Products, "product.price-updated", "product oldPrice newPrice time=occurredAt"),
        new(Payments, "payment.processed", "order payment transactionId amount method time=occurredAt"),
        new(Payments, "payment.failed", "order payment errorMessage time=occurredAt"),
        new(Payments, "payment.refunded", "order payment amount reason time=occurredAt"),
        new(Users, "customer.registered", "user=customer time=occurredAt") { Type = "user.created" },
        new(Stock, "processes.step-failed", "reason")
        {
            Type = "inventory.reservation-failed",
            StreamField = ("saga", FulfilmentStream),
            Condition = static (message, eventData) =>
                message.Subject?.StartsWith(FulfilmentStream, StringComparison.Ordinal) == true
                && eventData.GetProperty("step").ValueEquals("reserve-stock"),
        },
        StockEvent("inventory.stock-added", "item product warehouse quantity reason time=occurredAt"),
        StockEvent("inventory.stock-removed", "item quantity reason time=occurredAt"),
        StockEvent(
            "inventory.reserved",
            "item order saga=fulfilment product warehouse quantity remaining total time=occurredAt"),
        StockEvent("inventory.released", "item order product quantity time=occurredAt"),
        StockEvent("inventory.committed", "item order product quantity time=occurredAt"),
        StockEvent("product.stock-changed", "product warehouse newAvailable changeType changeAmount time=occurredAt"),
    ];

    /// <summary>Returns the announcements of one part of the shop. Each part announces only its own events.</summary>
    public static IEnumerable<Announcement> Of(ShopRole role) =>
        role == ShopRole.Whole ? All : All.Where(announcement => announcement.Publisher == role);

    private static Announcement StockEvent(string name, string fields) =>
        new(Stock, name, fields) { Publisher = ShopRole.Inventory };
}
