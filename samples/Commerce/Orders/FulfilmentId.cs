using Commerce.Payments;
using Commerce.SharedKernel;

namespace Commerce.Orders;

/// <summary>One try to fulfil an order: named after the order, and from the second on after
/// its number as well.</summary>
[Id<string>]
public readonly partial record struct FulfilmentId
{
    /// <summary>The payment of this try: it has the same id whoever asks for it, however often.</summary>
    public PaymentId Payment => new(NameBasedId.Of("payment", Value));

    public OrderId Order => OrderId.Parse(Value.Split('.')[0]);

    /// <summary>The try with a number, from 1.</summary>
    public static FulfilmentId Of(OrderId order, int attempt) =>
        new(attempt == 1 ? order.ToString() : $"{order}.{attempt}");
}
