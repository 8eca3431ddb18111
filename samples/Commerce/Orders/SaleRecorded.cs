using Commerce.Customers;
using Commerce.SharedKernel;

namespace Commerce.Orders;

/// <summary>
/// Goods and money were exchanged. The statistics count this event. An order records a sale when it is paid, and
/// reverses it when it is cancelled afterwards or when goods are returned. An order of older books consists of this
/// event alone.
/// </summary>
/// <param name="Number">The number that people see.</param>
/// <param name="Customer">The customer; null for an anonymous sale.</param>
/// <param name="Buyer">The customer's user name, or the number in older books.</param>
/// <param name="Country">The country of delivery, which the books keep after an erasure.</param>
/// <param name="Lines">The lines; quantities are negative for returned goods.</param>
/// <param name="Part">Counts the records under the number, from 1: a cancellation after the sale, a later part of a
/// record of older books.</param>
/// <param name="OccurredAt">The business time; in older books, long before the event was recorded.</param>
[Event("sale.recorded")]
public sealed record SaleRecorded(
    OrderId Order,
    [property: Tag] string Number,
    SaleKind Kind,
    CustomerId? Customer,
    [property: PersonalData(Subject = nameof(SaleRecorded.Customer), ErasedText = Erased.Text)] string? Buyer,
    string Country,
    string Currency,
    IReadOnlyList<SaleLine> Lines,
    int Part,
    DateTimeOffset OccurredAt)
{
    public decimal NetValue()
    {
        var value = 0m;
        foreach (var line in Lines)
            value += line.Value();
        return value;
    }
}

/// <summary>A quantity of an article at a price.</summary>
public sealed record SaleLine(string Sku, string Name, int Quantity, decimal Price)
{
    public decimal Value() => Quantity * Price;
}

/// <summary>The kind of a record.</summary>
public enum SaleKind
{
    /// <summary>Goods were sold.</summary>
    Sale,

    /// <summary>A sale was cancelled, or goods were returned, whether or not the sale is known.</summary>
    Cancellation,

    /// <summary>The books were corrected, for example for a bad debt; no goods moved.</summary>
    Adjustment,

    /// <summary>Stock was written off: damaged, lost or miscounted.</summary>
    WriteOff,
}
