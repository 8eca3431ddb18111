using Commerce.Catalogue;
using Commerce.Orders;

namespace Commerce.Inventory;

/// <summary>A quantity of a product.</summary>
public sealed record AllocatedLine(ProductId Product, int Quantity);

[Event("allocation.made")]
public sealed record AllocationMade(
    FulfilmentId Fulfilment, OrderId Order, IReadOnlyList<AllocatedLine> Lines, DateTimeOffset OccurredAt);

[Event("allocation.released")]
public sealed record AllocationReleased(FulfilmentId Fulfilment, DateTimeOffset OccurredAt);

[Event("allocation.handed-out")]
public sealed record AllocationHandedOut(FulfilmentId Fulfilment, DateTimeOffset OccurredAt);

[Event("allocation.taken-back")]
public sealed record AllocationTakenBack(FulfilmentId Fulfilment, DateTimeOffset OccurredAt);

/// <summary>The status of an allocation.</summary>
public enum AllocationStatus
{
    Asked,
    Made,
    HandedOut,
    Ended,
}

/// <summary>
/// Stock that the inventory service has set aside for one attempt to fulfil an order. The caller gives the id, so
/// repeated requests have no further effect. The caller can cancel an allocation before the request arrives. A request
/// that arrives after the cancellation is refused.
/// </summary>
[Stream("allocation")]
public sealed partial class Allocation : Aggregate<FulfilmentId>
{
    public AllocationStatus Status { get; private set; }

    public OrderId Order { get; private set; }

    public IReadOnlyList<AllocatedLine> Lines { get; private set; } = [];

    /// <summary>Sets the stock aside. Returns false when the stock is already set aside.</summary>
    public bool Make(OrderId order, IReadOnlyList<AllocatedLine> lines, DateTimeOffset at)
    {
        Require(
            lines.Count > 0 && lines.All(line => line.Quantity > 0),
            "allocation-not-empty",
            "There is nothing to set aside.");
        Require(
            Status is AllocationStatus.Asked or AllocationStatus.Made,
            "allocation-not-ended",
            "The allocation was cancelled or handed out.");
        if (Status == AllocationStatus.Made)
            return false;
        Raise(new AllocationMade(Id, order, lines, at));
        return true;
    }

    /// <summary>Cancels the allocation. Returns false when nothing was set aside.</summary>
    public bool Release(DateTimeOffset at)
    {
        var wasSetAside = Status == AllocationStatus.Made;
        if (Status is AllocationStatus.Asked or AllocationStatus.Made)
            Raise(new AllocationReleased(Id, at));
        return wasSetAside;
    }

    /// <summary>Hands out the stock. Returns false when the stock was already handed out.</summary>
    public bool HandOut(DateTimeOffset at)
    {
        Require(
            Status is AllocationStatus.Made or AllocationStatus.HandedOut, "allocation-made", "Nothing is set aside.");
        if (Status == AllocationStatus.HandedOut)
            return false;
        Raise(new AllocationHandedOut(Id, at));
        return true;
    }

    /// <summary>Takes back stock that was handed out. Returns false when no stock was handed out.</summary>
    public bool TakeBack(DateTimeOffset at)
    {
        if (Status != AllocationStatus.HandedOut)
            return false;
        Raise(new AllocationTakenBack(Id, at));
        return true;
    }

    private void When(AllocationMade made) => (Status, Order, Lines) = (AllocationStatus.Made, made.Order, made.Lines);

    private void When(AllocationReleased released) => Status = AllocationStatus.Ended;

    private void When(AllocationHandedOut handedOut) => Status = AllocationStatus.HandedOut;

    private void When(AllocationTakenBack takenBack) => Status = AllocationStatus.Ended;
}
