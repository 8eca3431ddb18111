using Commerce.Orders;

namespace Commerce.Customers;

/// <summary>
/// Makes sure that a customer never has an open order after they have left the shop. Both commands that could race
/// append with a condition on the events of the other one, so that the later one is refused and decides again.
/// </summary>
internal static class CustomerOrders
{
    /// <summary>
    /// Throws if the customer has left the shop, and lets the command fail if they leave it before it is committed.
    /// </summary>
    public static void OnlyForOpenCustomer(this CommandContext context, Customer customer)
    {
        customer.RequireOpen();
        context.OnlyIf(new AppendCondition(EventsOf("customer.closed", customer.Id), after: 0));
    }

    /// <summary>
    /// Throws if an order of the customer is open, and lets the command fail if one is submitted before it is
    /// committed. Reads the orders from the log, because a read model can be late or wait for an operator.
    /// </summary>
    /// <exception cref="CustomerHasOpenOrdersException">An order is open.</exception>
    public static async Task RequireNoOpenOrders(
        this CommandContext context, EventStore store, CustomerId customer, CancellationToken cancellationToken)
    {
        var submitted = EventsOf("order.submitted", customer);
        var versions = new Dictionary<OrderId, long>();
        var last = 0L;
        await foreach (var recorded in store.ReadLog(submitted, cancellationToken: cancellationToken))
        {
            last = recorded.Position;
            if (recorded.Data is OrderSubmitted order)
                versions[order.Order] = recorded.Version;
        }
        foreach (var (id, version) in versions)
        {
            var order = await context.Load<Order, OrderId>(id, cancellationToken);
            // A state from memory that is older than the log is no proof; the command is then handled again.
            if (order.Status.IsOpen() || order.Version < version)
                throw new CustomerHasOpenOrdersException(order.Status);
        }
        context.OnlyIf(new AppendCondition(submitted, last));
    }

    private static EventFilter EventsOf(string type, CustomerId customer) =>
        new() { Types = [type], Tags = [Tag.For("customer", customer)] };
}
