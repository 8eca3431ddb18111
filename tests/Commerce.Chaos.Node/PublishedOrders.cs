namespace Commerce.Chaos;

/// <summary>What the shop publishes of its orders, over each broker.</summary>
public static class PublishedOrders
{
    /// <summary>Where to.</summary>
    public const string Destination = "orders";

    /// <summary>The stored names of the events.</summary>
    public static IReadOnlyList<string> Types { get; } =
    [
        "order.submitted",
        "order.checked-out",
        "order.paid",
        "order.payment-failed",
        "order.processing-started",
        "order.shipped",
        "order.delivered",
        "order.cancelled",
        "order.failed",
    ];
}
