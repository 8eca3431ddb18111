namespace Commerce.Tests.Announcements;

/// <summary>
/// The contract of the announcements, which contains the topics, their events and the fields of each event. Change the
/// contract only by additions.
/// </summary>
internal static class AnnouncedFields
{
    public static IReadOnlyDictionary<string, (string Topic, string[] Fields)> OfType { get; } =
        new Dictionary<string, (string, string[])>(StringComparer.Ordinal)
        {
            ["order.created"] = ("order-events", ["order", "customer", "time"]),
            ["order.item-added"] = (
                "order-events",
                ["order", "product", "productName", "quantity", "unitPrice", "time"]),
            ["order.submitted"] = (
                "order-events",
                ["order", "customer", "total", "discount", "previousStatus", "time"]),
            ["order.paid"] = ("order-events", ["order", "payment", "transactionId", "time"]),
            ["order.payment-failed"] = ("order-events", ["order", "time"]),
            ["order.processing-started"] = ("order-events", ["order", "time"]),
            ["order.shipped"] = ("order-events", ["order", "trackingCode", "time"]),
            ["order.delivered"] = ("order-events", ["order", "time"]),
            ["order.cancelled"] = ("order-events", ["order", "previousStatus", "time"]),
            ["order.failed"] = ("order-events", ["order", "time"]),
            ["saga.started"] = ("order-saga", ["saga", "order", "time"]),
            ["product.created"] = ("product-events", ["product", "name", "price", "time"]),
            ["product.activated"] = ("product-events", ["product", "time"]),
            ["product.price-updated"] = ("product-events", ["product", "oldPrice", "newPrice", "time"]),
            ["payment.processed"] = (
                "payment-events",
                ["order", "payment", "transactionId", "amount", "method", "time"]),
            ["payment.failed"] = ("payment-events", ["order", "payment", "errorMessage", "time"]),
            ["user.created"] = ("user-events", ["user", "time"]),
            ["inventory.stock-added"] = (
                "inventory-events",
                ["item", "product", "warehouse", "quantity", "reason", "time"]),
            ["inventory.reserved"] = (
                "inventory-events",
                ["item", "order", "saga", "product", "warehouse", "quantity", "remaining", "total", "time"]),
            ["inventory.reservation-failed"] = ("inventory-events", ["saga", "reason"]),
            ["inventory.released"] = ("inventory-events", ["item", "order", "product", "quantity", "time"]),
            ["inventory.committed"] = ("inventory-events", ["item", "order", "product", "quantity", "time"]),
            ["product.stock-changed"] = (
                "inventory-events", ["product", "warehouse", "newAvailable", "changeType", "changeAmount", "time"]),
        };

    public static string[] Topics { get; } = [.. OfType.Values.Select(announced => announced.Topic).Distinct()];
}
