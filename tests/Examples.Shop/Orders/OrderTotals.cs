namespace Shop.Orders;

/// <summary>Writes the total of each order to a table of the application.</summary>
public sealed class OrderTotals() : SqlProjection("order-totals")
{
    protected override IReadOnlyList<Type> Events => [typeof(OrderPlaced)];

    protected override IReadOnlyList<string> Schema =>
        ["CREATE TABLE IF NOT EXISTS order_totals (number TEXT PRIMARY KEY, total TEXT NOT NULL)"];

    protected override IReadOnlyList<string> Clear => ["DELETE FROM order_totals"];

    protected override void Apply(RecordedEvent recorded, SqlBatch batch) => batch.Add(
        "INSERT INTO order_totals VALUES (?, ?) ON CONFLICT (number) DO UPDATE SET total = excluded.total",
        recorded.Stream.Key,
        ((OrderPlaced)recorded.Data).Amount);
}
