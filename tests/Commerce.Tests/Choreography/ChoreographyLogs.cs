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
        log.Events.Where(e => e.Stream.Value == stream).Select(e => e.Type);

    /// <summary>Checks that stock, money and orders agree exactly, and that no dead letter remains.</summary>
    public void Reconcile()
    {
        Assert.Empty(Orders.DeadLetters.Concat(Inventory.DeadLetters).Concat(Payments.DeadLetters));
        var submitted = AllOf<OrderSubmitted>(Orders).ToList();
        Assert.All(submitted, Reconcile);
        Assert.Equal(
            submitted.Where(IsShipped).Sum(order => order.Total),
            AllOf<PaymentProcessed>(Payments).Sum(e => e.Amount)
                - AllOf<PaymentRefunded>(Payments).Sum(e => e.Amount));
        Assert.All(AllOf<StockAdded>(Inventory).Select(added => added.Product).Distinct(), Reconcile);
    }

    /// <summary>Checks that all events of an order have the same correlation id in every log.</summary>
    public void AssertOneCorrelationIdPerOrder()
    {
        foreach (var submission in Orders.Events.Where(e => e.Data is OrderSubmitted))
        {
            Assert.NotNull(submission.CorrelationId);
            var all = Orders
                .Events.Concat(Inventory.Events)
                .Concat(Payments.Events)
                .Where(e =>
                    e.Stream.Key == submission.Stream.Key
                    && e.Stream.Category is "order" or "reservation" or "payment");
            Assert.All(
                all.Where(e => e.Stream.Key == submission.Stream.Key),
                e => Assert.Equal(submission.CorrelationId, e.CorrelationId));
        }
    }

    private void Reconcile(OrderSubmitted order)
    {
        var ordered = order
            .Lines.GroupBy(line => line.Product)
            .ToDictionary(lines => lines.Key, lines => lines.Sum(line => line.Quantity));
        var reserved = Pieces<InventoryReserved>(e => e.Order == order.Order, e => (e.Product, e.Quantity));
        var released = Pieces<InventoryReleased>(e => e.Order == order.Order, e => (e.Product, e.Quantity));
        var removed = Pieces<InventoryCommitted>(e => e.Order == order.Order, e => (e.Product, e.Quantity));
        var captured = AllOf<PaymentProcessed>(Payments).Where(e => e.Order == order.Order).Sum(e => e.Amount);
        var refunded = AllOf<PaymentRefunded>(Payments).Where(e => e.Order == order.Order).Sum(e => e.Amount);
        if (IsShipped(order))
        {
            Assert.Equal(ordered, reserved);
            Assert.Equal(ordered, removed);
            Assert.Empty(released);
            Assert.Equal((order.Total, 0), (captured, refunded));
            return;
        }
        if (reserved.Count > 0)
            Assert.Equal(ordered, reserved);
        Assert.Equal(reserved, released);
        Assert.Empty(removed);
        Assert.True(captured == 0 || captured == order.Total);
        Assert.Equal(captured, refunded);
    }

    /// <summary>
    /// Checks that the quantity of a product equals deliveries minus sales, that nothing is reserved, and that the
    /// order service agrees.
    /// </summary>
    private void Reconcile(ProductId product)
    {
        var remaining = AllOf<StockAdded>(Inventory).Where(e => e.Product == product).Sum(e => e.Quantity)
            - AllOf<InventoryCommitted>(Inventory).Where(e => e.Product == product).Sum(e => e.Quantity);
        Assert.True(remaining >= 0);
        Assert.Equal(remaining, AllOf<ProductStockChanged>(Inventory).Last(e => e.Product == product).NewAvailable);
        Assert.Equal(remaining, AllOf<ProductStockChanged>(Orders).Last(e => e.Product == product).NewAvailable);
    }

    private bool IsShipped(OrderSubmitted order) =>
        AllOf<OrderShippingStarted>(Orders).Any(e => e.Order == order.Order);

    private static IEnumerable<T> AllOf<T>(ChaosLog log) => log.Events.Select(e => e.Data).OfType<T>();

    /// <summary>Returns the quantity of each product in the selected events. Each product must occur once.</summary>
    private Dictionary<ProductId, int> Pieces<T>(
        Func<T, bool> filter,
        Func<T, (ProductId Product, int Quantity)> piecesOf
    ) => AllOf<T>(Inventory).Where(filter).Select(piecesOf).ToDictionary(e => e.Product, e => e.Quantity);
}
