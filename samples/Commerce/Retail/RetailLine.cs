namespace Commerce.Retail;

/// <summary>A line of the file: so many pieces of an article on an invoice.</summary>
/// <param name="Customer">Null where the file names none.</param>
public sealed record RetailLine(
    string Invoice,
    string Sku,
    string Description,
    int Quantity,
    DateTimeOffset Time,
    decimal Price,
    string? Customer,
    string Country);
