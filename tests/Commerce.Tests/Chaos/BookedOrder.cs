using Commerce.Catalogue;
using Commerce.Orders;

namespace Commerce.Tests.Chaos;

/// <summary>The state of an order, computed from the log without the code of the shop.</summary>
internal sealed class BookedOrder
{
    public required string Country { get; init; }

    public OrderStatus Status { get; set; }

    public decimal Total { get; set; }

    public decimal Due { get; set; }

    public int Checkouts { get; set; }

    /// <summary>Gets the number of occurrences of each step that may happen only once.</summary>
    public Dictionary<string, int> Times { get; } = new(StringComparer.Ordinal);

    public Dictionary<ProductId, int> Ordered { get; } = [];

    /// <summary>Gets the reserved stock of each product.</summary>
    public Dictionary<ProductId, int> Reserved { get; } = [];

    /// <summary>
    /// Gets the stock of each product that left the warehouse, including stock that was returned later.
    /// </summary>
    public Dictionary<ProductId, int> Taken { get; } = [];

    /// <summary>Gets or sets the captured money minus refunds.</summary>
    public decimal Paid { get; set; }

    public bool HasGoods =>
        Status is OrderStatus.Paid or OrderStatus.Processing or OrderStatus.Shipped or OrderStatus.Delivered;

    public bool IsFinal =>
        Status is OrderStatus.Delivered or OrderStatus.Cancelled or OrderStatus.PaymentFailed or OrderStatus.Failed;

    public void Count(string step) => Times[step] = Times.GetValueOrDefault(step) + 1;
}
