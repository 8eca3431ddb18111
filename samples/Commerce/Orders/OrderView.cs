using Commerce.Catalogue;
using Commerce.Customers;
using Commerce.SharedKernel;

namespace Commerce.Orders;

/// <summary>An order with its lines, as the customer and the shop see it.</summary>
/// <param name="Kind">The kind of record; every kind except a sale comes from older books.</param>
/// <param name="Customer">Null for an anonymous sale of older books.</param>
/// <param name="Buyer">The name of the customer.</param>
/// <param name="Country">The country of delivery, which the books keep after an erasure.</param>
/// <param name="IsTakenOver">True when the order comes from older books.</param>
/// <param name="Total">The sum of the lines.</param>
public sealed record OrderView(
    OrderId Id,
    [property: Indexed] string Number,
    SaleKind Kind,
    [property: Indexed] CustomerId? Customer,
    [property: PersonalData(Subject = nameof(OrderView.Customer), ErasedText = Erased.Text)] string? Buyer,
    string Country,
    [property: Indexed] OrderStatus Status,
    IReadOnlyList<OrderLineView> Items,
    decimal Total,
    decimal Discount,
    string Currency,
    string? TrackingCode,
    [property: PersonalData(Subject = nameof(OrderView.Customer), ErasedText = Erased.Text)] string? Reason,
    bool IsTakenOver,
    [property: Indexed] DateTimeOffset Created,
    DateTimeOffset Modified)
{
    public OrderView WithItems(IReadOnlyList<OrderLineView> items, DateTimeOffset at) =>
        this with { Items = items, Total = items.Sum(item => item.Subtotal), Modified = at };

    /// <summary>Returns the order in another status. Keeps the last reason when no reason is specified.</summary>
    public OrderView WithStatus(OrderStatus status, DateTimeOffset at, string? reason = null) =>
        this with { Status = status, Reason = reason ?? Reason, Modified = at };
}

/// <summary>A line of an order.</summary>
/// <param name="Product">The product; null in older books, which contain only the code.</param>
/// <param name="Returned">The returned quantity.</param>
public sealed record OrderLineView(
    ProductId? Product,
    string Sku,
    string ProductName,
    int Quantity,
    decimal UnitPrice,
    decimal Subtotal,
    int Returned = 0)
{
    public bool Is(ProductId product, Money price) => Product == product && UnitPrice == price.Amount;

    public OrderLineView WithQuantity(int quantity) =>
        this with
        {
            Quantity = quantity,
            Subtotal = quantity * UnitPrice,
        };
}
