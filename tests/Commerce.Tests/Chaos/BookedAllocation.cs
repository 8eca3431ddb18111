using Commerce.Catalogue;
using Commerce.Orders;

namespace Commerce.Tests.Chaos;

/// <summary>What the service that keeps the stock says of what it set aside for one try to fulfil an order.</summary>
internal sealed class BookedAllocation
{
    /// <summary>Whose it is; nobody's where it was called off before it was asked for.</summary>
    public OrderId? Order { get; set; }

    public Dictionary<ProductId, int> Lines { get; } = [];

    public int Made { get; set; }

    public int Released { get; set; }

    public int HandedOut { get; set; }

    public int TakenBack { get; set; }

    /// <summary>Whether each thing was done once at most, and nothing that was not there was given back.</summary>
    public bool IsSound =>
        Made <= 1 && Released <= 1 && HandedOut <= Made && TakenBack <= HandedOut && Released + HandedOut <= 1;

    /// <summary>Whether nothing is set aside any more.</summary>
    public bool IsEnded => Made == 0 || Released + HandedOut == 1;

    /// <summary>Whether its pieces have left the shelves for good.</summary>
    public bool IsGone => HandedOut == 1 && TakenBack == 0;
}
