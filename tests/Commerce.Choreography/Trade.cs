namespace Commerce.Choreography;

/// <summary>
/// The model of all three services. In a real system, each service has its own model with the events of other services
/// that it needs.
/// </summary>
[Model]
public sealed partial class Trade;

[Id<string>]
public readonly partial record struct OrderId;

[Id<string>]
public readonly partial record struct ProductId;

/// <summary>A quantity of a product in an order.</summary>
public sealed record OrderLine(ProductId Product, int Quantity, decimal UnitPrice);
