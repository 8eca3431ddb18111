using Commerce.Customers;
using Commerce.SharedKernel;

namespace Commerce.Orders;

/// <summary>A record of older books with its number: an invoice, a cancellation, an adjustment or a
/// write-off.</summary>
/// <param name="Part">1; 2 and higher for later parts of the same record.</param>
public sealed record SaleRecord(
    string Number,
    SaleKind Kind,
    CustomerId? Customer,
    [property: PersonalData(Subject = nameof(SaleRecord.Customer), ErasedText = Erased.Text)] string? Buyer,
    string Country,
    IReadOnlyList<SaleLine> Lines,
    int Part);
