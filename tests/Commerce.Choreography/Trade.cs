namespace Commerce.Choreography;

/// <summary>
/// What is known to all three services here; in life each has its own model, with as much of the others' events as
/// it needs.
/// </summary>
[Model]
public sealed partial class Trade;

[Id<string>]
public readonly partial record struct OrderId;

[Id<string>]
public readonly partial record struct ProductId;

/// <summary>So many pieces of a product.</summary>
public sealed record OrderLine(ProductId Product, int Quantity, decimal UnitPrice);
