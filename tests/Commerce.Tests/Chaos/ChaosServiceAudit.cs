using Commerce.Inventory;

namespace Commerce.Tests.Chaos;

/// <summary>Compares the logs of the order and inventory services.</summary>
internal static class ChaosServiceAudit
{
    private const string Fact = "product.stock-changed";

    public static async Task Check(ChaosLog[] logs, ChaosLogTotals totals)
    {
        var (orders, inventory) = (logs[0], logs[1]);
        CheckAllocations(totals);
        await ChaosListenerAudit.Equal(
            Facts(inventory),
            async () => Facts(await ChaosLog.Read<Shop>(orders.Store)),
            "the broker");
        var facts = inventory
            .Events.Where(recorded => recorded.Type == Fact)
            .Select(recorded => recorded.Id.ToString());
        await ChaosListenerAudit.Equal(
            [.. facts.Order(StringComparer.Ordinal)],
            () => ChaosInbox.ReadCommands(orders.Store, "note-stock"),
            "the broker (according to the inbox)");
    }

    /// <summary>
    /// Checks that each allocation has the lines of its order. Also checks that the allocated stock has left the
    /// warehouse if the order has its goods, and only then.
    /// </summary>
    private static void CheckAllocations(ChaosLogTotals totals)
    {
        foreach (var (fulfilment, allocation) in totals.Allocations)
        {
            Assert.True(
                allocation.IsSound,
                $"Allocation {fulfilment} has a step that happened twice, or without the step before it.");
            Assert.True(totals.Processes.ContainsKey(fulfilment), $"No process requested allocation {fulfilment}.");
            if (allocation.Order is { } order)
                Assert.Equal(
                    totals.Orders[order].Ordered.OrderBy(line => line.Key.Value),
                    allocation.Lines.OrderBy(line => line.Key.Value));
        }
        foreach (var (id, order) in totals.Orders.Where(order => order.Value.Checkouts > 0))
        {
            var allocation = totals.Allocations.GetValueOrDefault(id.ToString()) ?? new BookedAllocation();
            if (totals.Processes[id.ToString()] == "held")
                continue;
            Assert.True(allocation.IsEnded, $"Order {id} is {order.Status}, but stock is still reserved for it.");
            Assert.True(
                allocation.IsGone == order.HasGoods,
                $"Order {id} is {order.Status}, but for its allocation IsGone is {allocation.IsGone}.");
        }
    }

    /// <summary>Returns a sorted list with one line for each stock item, with its stock changes in order.</summary>
    private static IReadOnlyList<string> Facts(ChaosLog log) =>
        [
            .. log
                .Events.Where(recorded => recorded.Type == Fact)
                .GroupBy(recorded => recorded.Stream.Value, StringComparer.Ordinal)
                .Select(item =>
                    $"{item.Key}: "
                        + $"{string.Join(' ', item.Select(recorded => Describe((ProductStockChanged)recorded.Data)))}"
                )
                .Order(StringComparer.Ordinal),
        ];

    private static string Describe(ProductStockChanged fact) =>
        $"{fact.Quantity}/{fact.Reserved} {fact.ChangeType} {fact.ChangeAmount} {fact.OccurredAt.UtcTicks}";
}
