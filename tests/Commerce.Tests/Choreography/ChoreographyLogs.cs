using Commerce.Choreography;
using Commerce.Choreography.Inventory;
using Commerce.Choreography.Orders;
using Commerce.Choreography.Payments;
using Commerce.Tests.Chaos;

namespace Commerce.Tests.Choreography;

/// <summary>The final logs of the three services, each read from its first to its last event.</summary>
internal sealed record ChoreographyLogs(ChaosLog Orders, ChaosLog Inventory, ChaosLog Payments)
{
    /// <summary>Returns the event types of an order in one of the logs.</summary>
    public static IEnumerable<string> Of(ChaosLog log, string stream) =>
        log.Events.Where(one => one.Stream.Value == stream).Select(one => one.Type);

    /// <summary>Checks that stock, money and orders agree exactly, and no message is left over.</summary>
    public void Reconcile()
    {
        Assert.Empty(Orders.DeadLetters.Concat(Inventory.DeadLetters).Concat(Payments.DeadLetters));
        var submitted = AllOf<OrderSubmitted>(Orders).ToList();
        Assert.All(submitted, Reconcile);
        Assert.Equal(
            submitted.Where(IsShipped).Sum(order => order.Total),
            AllOf<PaymentProcessed>(Payments).Sum(one => one.Amount)
                - AllOf<PaymentRefunded>(Payments).Sum(one => one.Amount));
        Assert.All(AllOf<StockAdded>(Inventory).Select(added => added.Product).Distinct(), Reconcile);
    }

    /// <summary>Checks that all events of an order have one correlation id in every log.</summary>
    public void AreOneConversationEach()
    {
        foreach (var begin in Orders.Events.Where(one => one.Data is OrderSubmitted))
        {
            Assert.NotNull(begin.CorrelationId);
            var all = Orders
                .Events.Concat(Inventory.Events)
                .Concat(Payments.Events)
                .Where(one =>
                    one.Stream.Key == begin.Stream.Key && one.Stream.Category is "order" or "reservation" or "payment");
            Assert.All(
                all.Where(one => one.Stream.Key == begin.Stream.Key),
                one => Assert.Equal(begin.CorrelationId, one.CorrelationId));
        }
    }

    private void Reconcile(OrderSubmitted order)
    {
        var wanted = order
            .Lines.GroupBy(line => line.Product)
            .ToDictionary(lines => lines.Key, lines => lines.Sum(line => line.Quantity));
        var reserved = Pieces<InventoryReserved>(one => one.Order == order.Order, one => (one.Product, one.Quantity));
        var released = Pieces<InventoryReleased>(one => one.Order == order.Order, one => (one.Product, one.Quantity));
        var handedOut = Pieces<InventoryCommitted>(one => one.Order == order.Order, one => (one.Product, one.Quantity));
        var taken = AllOf<PaymentProcessed>(Payments).Where(one => one.Order == order.Order).Sum(one => one.Amount);
        var givenBack = AllOf<PaymentRefunded>(Payments).Where(one => one.Order == order.Order).Sum(one => one.Amount);
        if (IsShipped(order))
        {
            Assert.Equal(wanted, reserved);
            Assert.Equal(wanted, handedOut);
            Assert.Empty(released);
            Assert.Equal((order.Total, 0), (taken, givenBack));
            return;
        }
        if (reserved.Count > 0)
            Assert.Equal(wanted, reserved);
        Assert.Equal(reserved, released);
        Assert.Empty(handedOut);
        Assert.True(taken == 0 || taken == order.Total);
        Assert.Equal(taken, givenBack);
    }

    /// <summary>
    /// Checks that the quantity of a product equals deliveries minus sales, that nothing is reserved, and that the
    /// order service agrees.
    /// </summary>
    private void Reconcile(ProductId product)
    {
        var left = AllOf<StockAdded>(Inventory).Where(one => one.Product == product).Sum(one => one.Quantity)
            - AllOf<InventoryCommitted>(Inventory).Where(one => one.Product == product).Sum(one => one.Quantity);
        Assert.True(left >= 0);
        Assert.Equal(left, AllOf<ProductStockChanged>(Inventory).Last(one => one.Product == product).NewAvailable);
        Assert.Equal(left, AllOf<ProductStockChanged>(Orders).Last(one => one.Product == product).NewAvailable);
    }

    private bool IsShipped(OrderSubmitted order) =>
        AllOf<OrderShippingStarted>(Orders).Any(one => one.Order == order.Order);

    private static IEnumerable<T> AllOf<T>(ChaosLog log) => log.Events.Select(one => one.Data).OfType<T>();

    /// <summary>Returns the quantity of each product; each product occurs once.</summary>
    private Dictionary<ProductId, int> Pieces<T>(
        Func<T, bool> which,
        Func<T, (ProductId Product, int Quantity)> piecesOf
    ) => AllOf<T>(Inventory).Where(which).Select(piecesOf).ToDictionary(one => one.Product, one => one.Quantity);
}
