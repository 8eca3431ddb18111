using System.Text.Json.Nodes;

namespace Evolution.After;

/// <summary>The application of <c>Evolution.Before</c> after several deployments.</summary>
[Model]
public sealed partial class Shop;

[Id<Guid>]
public readonly partial record struct OrderId;

public sealed record Money(decimal Amount, string Currency);

/// <summary>Version 1, which was named <c>order.created</c> and contained the address.</summary>
[Event("order.placed", Version = 1, Formerly = ["order.created"])]
public sealed record OrderPlacedV1(OrderId Order, decimal Total, string? Address = null)
{
    [Upcast]
    public static (OrderPlacedV2 Placed, AddressGiven? Address) Split(OrderPlacedV1 old) => (
        new(old.Order, old.Total, "GBP"),
        old.Address is null ? null : new(old.Order, old.Address));
}

[Event("order.placed", Version = 2)]
public sealed record OrderPlacedV2(OrderId Order, decimal Total, string Currency);

[Event("order.placed", Version = 3)]
public sealed record OrderPlaced([property: Tag] OrderId Order, Money Total)
{
    [Upcast]
    public static OrderPlaced From(OrderPlacedV2 old) => new(old.Order, new Money(old.Total, old.Currency));
}

[Event("order.address-given")]
public sealed record AddressGiven(OrderId Order, string Address);

/// <summary>Version 2 has an additional member. Builds that know only version 1 can read it.</summary>
[Event("order.paid", Version = 2, ReadableBy = 1)]
public sealed record OrderPaid(OrderId Order, string Reference, string Method);

/// <summary>The records of versions 1 and 2 no longer exist.</summary>
[Event("order.noted", Version = 3)]
public sealed record OrderNoted(OrderId Order, IReadOnlyList<string> Lines);

[Event("order.shipped", Version = 2)]
public sealed record OrderShipped(OrderId Order, Carrier Carrier);

[Event("order.shipped", Version = 1)]
public sealed record OrderShippedV1(OrderId Order, string Carrier);

[Event("order.viewed")]
public sealed record OrderViewed(OrderId Order)
{
    /// <summary>Removes the event, because the application no longer uses it.</summary>
    [Upcast]
    public static OrderPlaced? Forget(OrderViewed old) => null;
}

public enum Carrier
{
    Other,
    Mail,
    Van,
}

public static class Upcasters
{
    [Upcast]
    public static OrderShipped From(OrderShippedV1 old) =>
        new(old.Order, Enum.TryParse<Carrier>(old.Carrier, out var carrier) ? carrier : Carrier.Other);

    [Upcast("order.paid", 1)]
    public static JsonObject PaidByCard(JsonObject old)
    {
        old["method"] = "card";
        return old;
    }

    [Upcast("order.noted", 1)]
    public static JsonObject NotedAsText(JsonObject old)
    {
        old["lines"] = old["text"]?.DeepClone();
        old.Remove("text");
        return old;
    }

    [Upcast("order.noted", 2)]
    public static OrderNoted NotedAsLines(JsonObject old) =>
        new(OrderId.Parse((string)old["order"]!), [.. ((string)old["lines"]!).Split('\n')]);
}
