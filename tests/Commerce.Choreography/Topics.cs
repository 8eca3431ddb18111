namespace Commerce.Choreography;

/// <summary>The topics at which each service publishes its events.</summary>
public static class Topics
{
    public const string Orders = "order-events";
    public const string Inventory = "inventory-events";
    public const string Payments = "payment-events";
}
