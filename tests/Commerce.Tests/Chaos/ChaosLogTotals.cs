using System.Text.Json;
using Commerce.Catalogue;
using Commerce.Inventory;
using Commerce.Orders;
using Commerce.Payments;
using PublishedOrders = Commerce.Chaos.PublishedOrders;

namespace Commerce.Tests.Chaos;

/// <summary>The totals of the logs of the shop, as one program or as two services.</summary>
internal sealed class ChaosLogTotals
{
    public Dictionary<OrderId, BookedOrder> Orders { get; } = [];

    /// <summary>Gets the quantity and the reserved quantity of each product.</summary>
    public Dictionary<ProductId, (int Quantity, int Reserved)> Stock { get; } = [];

    /// <summary>Gets the quantity of each product that was delivered to the shop.</summary>
    public Dictionary<ProductId, int> Supplied { get; } = [];

    /// <summary>Gets the quantity of each product that was returned from undone orders.</summary>
    public Dictionary<ProductId, int> Returned { get; } = [];

    /// <summary>Gets the allocations of the inventory service by fulfilment.</summary>
    public Dictionary<string, BookedAllocation> Allocations { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets the number of completions of each step of each process instance.</summary>
    public Dictionary<(string Process, string Step), int> StepsDone { get; } = [];

    /// <summary>Gets the status of each process according to its last event.</summary>
    public Dictionary<string, string> Processes { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets the reasons of held processes.</summary>
    public Dictionary<string, string> Reasons { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets the ids of the published events of orders for each stream, in order.</summary>
    public Dictionary<string, List<string>> Published { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets the number of events.</summary>
    public int Events { get; private set; }

    /// <summary>Returns the totals of logs. The first log must contain the orders.</summary>
    public static ChaosLogTotals Of(IReadOnlyList<ChaosLog> logs)
    {
        var totals = new ChaosLogTotals();
        foreach (var log in logs)
        {
            totals.Events += log.Events.Count;
            foreach (var recorded in log.Events)
                totals.Take(recorded);
        }
        return totals;
    }

    /// <summary>Returns the quantity that left the warehouse for an order and was not returned.</summary>
    public int Gone(OrderId order, ProductId product)
    {
        var cameBack = Allocations.TryGetValue(order.ToString(), out var allocation)
            ? allocation.TakenBack > 0
            : StepsDone.ContainsKey((order.ToString(), "processes.compensation-done commit-stock"));
        return cameBack ? 0 : Orders[order].Taken.GetValueOrDefault(product);
    }

    private void Take(RecordedEvent recorded)
    {
        var stream = recorded.Stream.Value;
        if (PublishedOrders.Types.Contains(recorded.Type))
            (Published.TryGetValue(stream, out var ids) ? ids : Published[stream] = []).Add(recorded.Id.ToString());
        if (stream.StartsWith("process-fulfilment-", StringComparison.Ordinal))
            TakeStep(recorded, stream["process-fulfilment-".Length..]);
        else
            TakeFact(recorded);
    }

    private void TakeStep(RecordedEvent recorded, string process)
    {
        using var note = JsonDocument.Parse(recorded.Payload);
        switch (recorded.Type)
        {
            case "processes.step-done" or "processes.compensation-done":
                var step = $"{recorded.Type} {note.RootElement.GetProperty("step").GetString()}";
                StepsDone[(process, step)] = StepsDone.GetValueOrDefault((process, step)) + 1;
                break;
            case "processes.started"
            or "processes.completed"
            or "processes.compensated"
            or "processes.held"
            or "processes.resumed":
                Processes[process] = recorded.Type["processes.".Length..];
                if (recorded.Type == "processes.held")
                    Reasons[process] = note.RootElement.TryGetProperty("reason", out var reason)
                        ? reason.GetString() ?? ""
                        : "";
                break;
        }
    }

    private void TakeFact(RecordedEvent recorded)
    {
        switch (recorded.Stream.Value.Split('-')[0])
        {
            case "order":
                TakeOrder(recorded.Data);
                break;
            case "inventory":
                TakeStock(recorded);
                break;
            case "allocation":
                TakeAllocation(recorded.Data);
                break;
            case "payment":
                TakePayment(recorded.Data);
                break;
        }
    }

    private void TakeOrder(object data)
    {
        switch (data)
        {
            case OrderCreated { Address: { } address } created: // Nothing is erased.
                Orders.Add(created.Order, new BookedOrder { Country = address.Country });
                break;
            case OrderItemAdded added:
                var booked = Orders[added.Order];
                booked.Ordered[added.Product] = booked.Ordered.GetValueOrDefault(added.Product) + added.Quantity;
                booked.Total += added.Quantity * added.UnitPrice.Amount;
                break;
            case OrderSubmitted submitted:
                Orders[submitted.Order].Due = Orders[submitted.Order].Total - submitted.Discount.Amount;
                ChangeStatus(submitted.Order, OrderStatus.Submitted, "submitted");
                break;
            case OrderCheckedOut checkedOut:
                Orders[checkedOut.Order].Checkouts++;
                break;
            case OrderPaid paid:
                ChangeStatus(paid.Order, OrderStatus.Paid, "paid");
                break;
            case OrderProcessingStarted started:
                ChangeStatus(started.Order, OrderStatus.Processing, "processed");
                break;
            case OrderShipped shipped:
                ChangeStatus(shipped.Order, OrderStatus.Shipped, "shipped");
                break;
            case OrderDelivered delivered:
                ChangeStatus(delivered.Order, OrderStatus.Delivered, "delivered");
                break;
            case OrderPaymentFailed failed:
                ChangeStatus(failed.Order, OrderStatus.PaymentFailed, "unpaid");
                break;
            case OrderFailed failed:
                ChangeStatus(failed.Order, OrderStatus.Failed, "failed");
                break;
            case OrderCancelled cancelled:
                ChangeStatus(cancelled.Order, OrderStatus.Cancelled, "cancelled");
                break;
        }
    }

    private void ChangeStatus(OrderId order, OrderStatus status, string step)
    {
        Orders[order].Status = status;
        Orders[order].Count(step);
    }

    private void TakeStock(RecordedEvent recorded)
    {
        switch (recorded.Data)
        {
            case StockAdded added:
                Move(recorded, added.Product, added.Quantity, 0);
                Change(added.Reason == "order not fulfilled" ? Returned : Supplied, added.Product, added.Quantity);
                break;
            case InventoryReserved reserved:
                Move(recorded, reserved.Product, 0, reserved.Quantity);
                Change(Orders[reserved.Order].Reserved, reserved.Product, reserved.Quantity);
                break;
            case InventoryReleased released:
                Move(recorded, released.Product, 0, -released.Quantity);
                Change(Orders[released.Order].Reserved, released.Product, -released.Quantity);
                break;
            case InventoryCommitted committed:
                Move(recorded, committed.Product, -committed.Quantity, -committed.Quantity);
                Change(Orders[committed.Order].Reserved, committed.Product, -committed.Quantity);
                Change(Orders[committed.Order].Taken, committed.Product, committed.Quantity);
                break;
        }
    }

    private void TakeAllocation(object data)
    {
        switch (data)
        {
            case AllocationMade made:
                var allocation = AllocationOf(made.Fulfilment);
                (allocation.Order, allocation.Made) = (made.Order, allocation.Made + 1);
                foreach (var line in made.Lines)
                    Change(allocation.Lines, line.Product, line.Quantity);
                break;
            case AllocationReleased released:
                AllocationOf(released.Fulfilment).Released++;
                break;
            case AllocationHandedOut handedOut:
                AllocationOf(handedOut.Fulfilment).HandedOut++;
                break;
            case AllocationTakenBack takenBack:
                AllocationOf(takenBack.Fulfilment).TakenBack++;
                break;
        }
    }

    private BookedAllocation AllocationOf(FulfilmentId fulfilment) =>
        Allocations.TryGetValue(fulfilment.Value, out var found)
            ? found
            : Allocations[fulfilment.Value] = new BookedAllocation();

    private void TakePayment(object data)
    {
        switch (data)
        {
            case PaymentProcessed processed:
                Orders[processed.Order].Paid += processed.Amount.Amount;
                break;
            case PaymentRefunded refunded:
                Orders[refunded.Order].Paid -= refunded.Amount.Amount;
                break;
        }
    }

    private void Move(RecordedEvent recorded, ProductId product, int quantity, int reserved)
    {
        var before = Stock.GetValueOrDefault(product);
        var (quantityAfter, reservedAfter) = Stock[product] = (before.Quantity + quantity, before.Reserved + reserved);
        Assert.True(
            reservedAfter >= 0 && quantityAfter >= reservedAfter,
            $"More of {product} was reserved at {recorded.Position} than existed.");
    }

    private static void Change(Dictionary<ProductId, int> amounts, ProductId product, int difference) =>
        amounts[product] = amounts.GetValueOrDefault(product) + difference;
}
