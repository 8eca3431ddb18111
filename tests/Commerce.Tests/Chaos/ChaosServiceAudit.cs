using Commerce.Inventory;

namespace Commerce.Tests.Chaos;

/// <summary>Compares the logs of the order and inventory services.</summary>
internal static class ChaosServiceAudit
{
    private const string Fact = "product.stock-changed";

    public static async Task IsThere(ChaosLog[] logs, ChaosLogTotals books)
    {
        var (orders, inventory) = (logs[0], logs[1]);
        CheckAllocations(books);
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
            "the broker, by the inbox,");
    }

    /// <summary>
    /// Checks that each allocation matches its order, and that its stock is gone exactly for the orders with delivered
    /// goods.
    /// </summary>
    private static void CheckAllocations(ChaosLogTotals books)
    {
        foreach (var (fulfilment, allocation) in books.Allocations)
        {
            Assert.True(
                allocation.IsSound, $"Of the allocation {fulfilment} something was done twice, or never begun.");
            Assert.True(books.Processes.ContainsKey(fulfilment), $"Nobody asked for the allocation {fulfilment}.");
            if (allocation.Order is { } order)
                Assert.Equal(
                    books.Orders[order].Wanted.OrderBy(line => line.Key.Value),
                    allocation.Lines.OrderBy(line => line.Key.Value));
        }
        foreach (var (id, order) in books.Orders.Where(order => order.Value.Checkouts > 0))
        {
            var allocation = books.Allocations.GetValueOrDefault(id.ToString()) ?? new BookedAllocation();
            if (books.Processes[id.ToString()] == "held")
                continue;
            Assert.True(allocation.IsEnded, $"{id} is {order.Status}, and stock is still set aside for it.");
            Assert.True(
                allocation.IsGone == order.HasGoods, $"{id} is {order.Status}, and what it wanted is elsewhere.");
        }
    }

    /// <summary>Returns a line for each item of stock with its facts, in order.</summary>
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
