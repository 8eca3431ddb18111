using Commerce.Catalogue;
using Commerce.Orders;

namespace Commerce.Tests.Chaos;

/// <summary>An order in the log, computed without the shop's code.</summary>
internal sealed class BookedOrder
{
    public required string Country { get; init; }

    public OrderStatus Status { get; set; }

    public decimal Total { get; set; }

    public decimal Due { get; set; }

    public int Checkouts { get; set; }

    /// <summary>The number of occurrences of each step that may happen once.</summary>
    public Dictionary<string, int> Times { get; } = new(StringComparer.Ordinal);

    public Dictionary<ProductId, int> Wanted { get; } = [];

    /// <summary>The reserved stock.</summary>
    public Dictionary<ProductId, int> Reserved { get; } = [];

    /// <summary>The stock that left the warehouse, also when it was returned later.</summary>
    public Dictionary<ProductId, int> Taken { get; } = [];

    /// <summary>The captured money minus refunds.</summary>
    public decimal Paid { get; set; }

    public bool HasGoods =>
        Status is OrderStatus.Paid or OrderStatus.Processing or OrderStatus.Shipped or OrderStatus.Delivered;

    public bool IsFinal =>
        Status is OrderStatus.Delivered or OrderStatus.Cancelled or OrderStatus.PaymentFailed or OrderStatus.Failed;

    public void Count(string what) => Times[what] = Times.GetValueOrDefault(what) + 1;
}
