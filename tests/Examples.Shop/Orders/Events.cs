namespace Shop.Orders;

/// <summary>The number of an order.</summary>
[Id<string>]
public readonly partial record struct OrderId;

/// <summary>A customer has placed an order.</summary>
[Event("order.placed")]
public sealed record OrderPlaced(decimal Amount, DateOnly? Day = null, [property: Tag] string Customer = "nobody");

/// <summary>The payment of an order has arrived.</summary>
[Event("order.paid")]
public sealed record OrderPaid(string Payment);

/// <summary>A user has written a note about an order.</summary>
[Event("order.noted")]
public sealed record OrderNoted(string Note = "");
