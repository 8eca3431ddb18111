namespace Shop.Orders;

/// <summary>The total of the orders of a day.</summary>
public sealed record DailySales(DateOnly Day, decimal Total);

/// <summary>Adds up the orders of each day.</summary>
[Projection("daily-sales")]
public sealed partial class DailySalesProjection : Projection<DateOnly, DailySales>
{
    private static readonly DateOnly Unknown = new(2011, 12, 5);

    public static DateOnly Key(OrderPlaced placed) => placed.Day ?? Unknown;

    public static DailySales Apply(DailySales? day, OrderPlaced placed) =>
        new(placed.Day ?? Unknown, (day?.Total ?? 0) + placed.Amount);
}
