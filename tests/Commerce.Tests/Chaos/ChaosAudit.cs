using Commerce.Orders;

namespace Commerce.Tests.Chaos;

/// <summary>Checks the invariants of the logs of the shop after a run, for every topology.</summary>
internal static class ChaosAudit
{
    private const string Parcels = "parcels"; // The parcels projection cannot handle orders to Atlantis.
    private const string UnknownDestination = "UnknownDestinationException";

    /// <summary>Returns the orders that are neither complete nor held.</summary>
    public static IReadOnlyList<string> Open(ChaosLogTotals totals)
    {
        var openProcesses = totals
            .Processes.Where(process => process.Value is "started" or "resumed")
            .Select(process => process.Key);
        var missing = totals
            .Orders.Where(order => order.Value.Checkouts > 0)
            .Select(order => order.Key.ToString())
            .Where(order => !totals.Processes.ContainsKey(order));
        return [.. openProcesses, .. missing.Select(order => $"{order} (no process)")];
    }

    /// <summary>Checks that all confirmed commands took effect, and that no step happened twice.</summary>
    public static void CheckEverythingOnce(ChaosCustomers customers, ChaosLogTotals totals)
    {
        var missing = customers.Placed
            .Where(order => totals.Orders.GetValueOrDefault(OrderId.Parse(order)) is not { Checkouts: 1 }).ToList();
        Assert.Empty(missing);
        Assert.DoesNotContain(totals.StepsDone, step => step.Value != 1);
        Assert.DoesNotContain(totals.Orders, order => order.Value.Times.Values.Any(times => times != 1));
        Assert.Equal(totals.Orders.Values.Sum(order => order.Checkouts), totals.Processes.Count);
        Assert.Equal(
            customers.Supplied.OrderBy(product => product.Key, StringComparer.Ordinal),
            totals.Supplied.Select(product => KeyValuePair.Create(product.Key.ToString(), product.Value))
                .OrderBy(product => product.Key, StringComparer.Ordinal));
    }

    /// <summary>
    /// Checks that each order is complete or held with a reason, and that the stock decreased by exactly the delivered
    /// goods.
    /// </summary>
    public static void CheckStockTotals(ChaosLogTotals totals)
    {
        foreach (var (id, order) in totals.Orders.Where(order => order.Value.Checkouts > 0))
        {
            var state = totals.Processes[id.ToString()];
            Assert.True(
                order.IsFinal || state == "held",
                $"{id} is {order.Status}, and the state of its process is {state}.");
            if (state == "held")
                Assert.False(
                    string.IsNullOrWhiteSpace(totals.Reasons[id.ToString()]), $"{id} is held without a reason.");
            Assert.True(
                state != "completed" || order.Status == OrderStatus.Delivered,
                $"{id} has a completed process, but is {order.Status}.");
            Assert.True(
                state != "compensated" || !order.HasGoods, $"{id} has an undone process, but is {order.Status}.");
            if (!order.IsFinal)
                continue;
            Assert.All(order.Reserved.Values, reserved => Assert.Equal(0, reserved));
            Assert.All(
                order.Ordered, wanted => Assert.Equal(order.HasGoods ? wanted.Value : 0, totals.Gone(id, wanted.Key)));
        }
        Assert.All(
            totals.Stock,
            product =>
            {
                var gone = totals.Orders.Keys.Sum(order => totals.Gone(order, product.Key));
                var taken = totals.Orders.Values.Sum(order => order.Taken.GetValueOrDefault(product.Key));
                Assert.Equal(totals.Supplied[product.Key] - gone, product.Value.Quantity);
                Assert.Equal(taken - gone, totals.Returned.GetValueOrDefault(product.Key));
                Assert.Equal(
                    product.Value.Reserved,
                    totals.Orders.Values.Sum(order => order.Reserved.GetValueOrDefault(product.Key)));
            }
        );
    }

    /// <summary>Checks that the shop and the cards were charged exactly for orders with delivered goods.</summary>
    public static void CheckPaymentTotals(ChaosLogTotals totals, Dictionary<string, decimal> charged)
    {
        foreach (var (id, order) in totals.Orders)
        {
            var taken = charged.GetValueOrDefault(id.ToString());
            if (order.Checkouts > 0 && !order.IsFinal) // The process of the order is held.
            {
                Assert.True(
                    taken == 0 || taken == order.Due,
                    $"{id} is held and costs {order.Due}, and cards were charged {taken}.");
                continue;
            }
            var expected = order.HasGoods ? order.Due : 0;
            Assert.True(
                order.Paid == expected,
                $"{id} is {order.Status} and costs {expected}, and the shop has booked {order.Paid}.");
            Assert.True(
                taken == expected,
                $"{id} is {order.Status} and costs {expected}, and the cards were charged {taken}.");
        }
        Assert.All(charged.Keys, order => Assert.Contains(OrderId.Parse(order), totals.Orders));
    }

    /// <summary>
    /// Returns the problems of the dead letters, or an empty text if only each order to Atlantis has one with its
    /// type of error. The message is not stored, because the events contain encrypted values.
    /// </summary>
    public static string DeadLetterProblems(IReadOnlyList<ChaosLog> logs, ChaosLogTotals totals)
    {
        var letters = logs.SelectMany(log => log.DeadLetters)
            .ToLookup(letter => letter.Consumer.StartsWith(Parcels, StringComparison.Ordinal));
        var others = letters[false]
            .Select(letter => $"{letter.Consumer} at {letter.Position}: {letter.State}, {letter.Message}");
        var unexplained = letters[true]
            .Where(letter => letter.Attempts > 0)
            .Where(letter => letter.ErrorType?.EndsWith(UnknownDestination, StringComparison.Ordinal) != true)
            .Select(letter => $"a parcel at {letter.Position}: {letter.ErrorType}, {letter.Message}");
        var parked = letters[true].Select(letter => letter.Stream.Value).ToHashSet(StringComparer.Ordinal);
        var expected = totals.Orders.Where(order => order.Value.Country == ChaosCustomers.Nowhere)
            .Select(order => StreamId.For("order", order.Key).Value).ToHashSet(StringComparer.Ordinal);
        var missing = expected.Except(parked).Select(order => $"{order} has no dead letter");
        var wrong = parked.Except(expected).Select(order => $"{order} has an unexpected dead letter");
        return string.Join('\n', [.. others, .. unexplained, .. missing, .. wrong]);
    }
}
