namespace Shop.Orders;

/// <summary>An order's number.</summary>
[Id<string>]
public readonly partial record struct OrderId;

/// <summary>A customer has ordered.</summary>
[Event("order.placed")]
public sealed record OrderPlaced(decimal Amount, DateOnly? Day = null, [property: Tag] string Customer = "nobody");

/// <summary>The money has come.</summary>
[Event("order.paid")]
public sealed record OrderPaid(string Payment);

/// <summary>Somebody wrote something about it.</summary>
[Event("order.noted")]
public sealed record OrderNoted(string Note = "");
