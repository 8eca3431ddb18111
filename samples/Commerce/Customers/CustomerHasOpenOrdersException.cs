using Commerce.Orders;

namespace Commerce.Customers;

/// <summary>Thrown when a customer is to leave the shop before their orders have ended.</summary>
public sealed class CustomerHasOpenOrdersException(OrderStatus status)
    : InvariantViolatedException(
        nameof(Customer),
        "no-open-orders",
        $"An order of the customer is {status.ToString().ToLowerInvariant()}: deliver or cancel it first.")
{
    public OrderStatus Status { get; } = status;
}
