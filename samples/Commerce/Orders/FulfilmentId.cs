using Commerce.Payments;
using Commerce.SharedKernel;

namespace Commerce.Orders;

/// <summary>One attempt to fulfil an order. The id is derived from the order and, from the second attempt on, from the
/// attempt's number.</summary>
[Id<string>]
public readonly partial record struct FulfilmentId
{
    /// <summary>The id of this attempt's payment, which is always the same.</summary>
    public PaymentId Payment => new(NameBasedId.Of("payment", Value));

    public OrderId Order => OrderId.Parse(Value.Split('.')[0]);

    /// <summary>Returns the id of an attempt, counted from 1.</summary>
    public static FulfilmentId Of(OrderId order, int attempt) =>
        new(attempt == 1 ? order.ToString() : $"{order}.{attempt}");
}
