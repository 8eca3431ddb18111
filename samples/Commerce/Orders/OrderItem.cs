using Commerce.Catalogue;
using Commerce.SharedKernel;

namespace Commerce.Orders;

/// <summary>A line of an order. The same product with another price is a separate line.</summary>
public sealed record OrderItem(ProductId Product, Sku Sku, string ProductName, int Quantity, Money UnitPrice)
{
    /// <summary>The returned quantity.</summary>
    public int Returned { get; init; }

    public Money Subtotal() => UnitPrice.Times(Quantity);

    public bool Is(ProductId product, Money unitPrice) => Product == product && UnitPrice == unitPrice;
}
