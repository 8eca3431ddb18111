using Commerce.Catalogue;
using Commerce.Orders;

namespace Commerce.Tests.Chaos;

/// <summary>What the log says of an order, counted by hand and not by the code of the shop.</summary>
internal sealed class BookedOrder
{
    public required string Country { get; init; }

    public OrderStatus Status { get; set; }

    public decimal Total { get; set; }

    public decimal Due { get; set; }

    public int Checkouts { get; set; }

    /// <summary>How often each thing happened that may happen once.</summary>
    public Dictionary<string, int> Times { get; } = new(StringComparer.Ordinal);

    public Dictionary<ProductId, int> Wanted { get; } = [];

    /// <summary>What is kept for it.</summary>
    public Dictionary<ProductId, int> Reserved { get; } = [];

    /// <summary>What has left the shelves for it, also when it came back later.</summary>
    public Dictionary<ProductId, int> Taken { get; } = [];

    /// <summary>What was taken from cards for it and not given back.</summary>
    public decimal Paid { get; set; }

    public bool HasGoods =>
        Status is OrderStatus.Paid or OrderStatus.Processing or OrderStatus.Shipped or OrderStatus.Delivered;

    public bool IsFinal =>
        Status is OrderStatus.Delivered or OrderStatus.Cancelled or OrderStatus.PaymentFailed or OrderStatus.Failed;

    public void Count(string what) => Times[what] = Times.GetValueOrDefault(what) + 1;
}
