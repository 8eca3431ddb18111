namespace Commerce.Choreography;

/// <summary>Where each service tells of what has happened there.</summary>
public static class Topics
{
    public const string Orders = "order-events";
    public const string Inventory = "inventory-events";
    public const string Payments = "payment-events";
}
