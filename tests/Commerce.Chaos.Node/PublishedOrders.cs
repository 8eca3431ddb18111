namespace Commerce.Chaos;

/// <summary>The order events that the shop publishes over each broker.</summary>
public static class PublishedOrders
{
    /// <summary>The topic of the events.</summary>
    public const string Destination = "orders";

    /// <summary>Gets the stored names of the events.</summary>
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
