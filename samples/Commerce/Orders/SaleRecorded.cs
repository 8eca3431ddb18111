using Commerce.Customers;

namespace Commerce.Orders;

/// <summary>
/// Goods and money changed hands, one way or the other: what the statistics count. An order records a sale when it is
/// paid, and records it back when it is cancelled after that or when goods are returned. An order taken over from older
/// books consists of this alone.
/// </summary>
/// <param name="Number">The number that people know it by.</param>
/// <param name="Customer">The customer; null for an anonymous sale.</param>
/// <param name="Buyer">What the books call the customer: user name, or number in older books.</param>
/// <param name="Lines">Quantities are negative where goods come back.</param>
/// <param name="Part">Counts what was recorded under the number, from 1: a cancellation after the sale, a record of
/// older books written on a minute later.</param>
/// <param name="OccurredAt">The business time, which in older books is long before the event was recorded.</param>
[Event("sale.recorded")]
public sealed record SaleRecorded(
    OrderId Order,
    [property: Tag] string Number,
    SaleKind Kind,
    CustomerId? Customer,
    string? Buyer,
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

/// <summary>So many pieces of an article at a price.</summary>
public sealed record SaleLine(string Sku, string Name, int Quantity, decimal Price)
{
    public decimal Value() => Quantity * Price;
}

/// <summary>What a record in the books is about.</summary>
public enum SaleKind
{
    /// <summary>Goods were sold.</summary>
    Sale,

    /// <summary>A sale was cancelled, or goods came back, whether or not it is known which sale it was.</summary>
    Cancellation,

    /// <summary>The books were put right, such as for a bad debt; no goods moved.</summary>
    Adjustment,

    /// <summary>Stock was written off: damaged, lost, miscounted.</summary>
    WriteOff,
}
