using Commerce.Catalogue;
using Commerce.Orders;

namespace Commerce.Tests.Chaos;

/// <summary>An allocation for one attempt to fulfil an order, as recorded by the inventory service.</summary>
internal sealed class BookedAllocation
{
    /// <summary>Gets or sets the order, or null if the allocation was cancelled before its request.</summary>
    public OrderId? Order { get; set; }

    public Dictionary<ProductId, int> Lines { get; } = [];

    public int Made { get; set; }

    public int Released { get; set; }

    public int HandedOut { get; set; }

    public int TakenBack { get; set; }

    /// <summary>Gets whether each step happened at most once, and only existing stock was returned.</summary>
    public bool IsSound =>
        Made <= 1 && Released <= 1 && HandedOut <= Made && TakenBack <= HandedOut && Released + HandedOut <= 1;

    /// <summary>Gets whether no stock is reserved for the allocation.</summary>
    public bool IsEnded => Made == 0 || Released + HandedOut == 1;

    /// <summary>Gets whether the units of the allocation have left the warehouse permanently.</summary>
    public bool IsGone => HandedOut == 1 && TakenBack == 0;
}
