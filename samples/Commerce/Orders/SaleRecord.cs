using Commerce.Customers;

namespace Commerce.Orders;

/// <summary>A record of older books: an invoice, a cancellation, an adjustment or a
/// write-off, with its number.</summary>
/// <param name="Part">1; 2 and on where the record was written on later.</param>
public sealed record SaleRecord(
    string Number,
    SaleKind Kind,
    CustomerId? Customer,
    string? Buyer,
    string Country,
    IReadOnlyList<SaleLine> Lines,
    int Part);
