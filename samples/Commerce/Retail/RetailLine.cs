namespace Commerce.Retail;

/// <summary>A line of the file: a quantity of an article on an invoice.</summary>
/// <param name="Customer">The customer; null where the file has none.</param>
public sealed record RetailLine(
    string Invoice,
    string Sku,
    string Description,
    int Quantity,
    DateTimeOffset Time,
    decimal Price,
    string? Customer,
    string Country);
