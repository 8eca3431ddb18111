using Commerce.Orders;

namespace Commerce.Statistics;

/// <summary>The totals of all sales.</summary>
/// <param name="Lines">The number of recorded lines.</param>
/// <param name="Value">The sum of quantity and price over all of them.</param>
/// <param name="Invoices">The number of distinct record numbers: invoices, cancellations, adjustments and
/// write-offs.</param>
/// <param name="Cancellations">The number of cancellations among them. A cancelled order of this shop keeps the order's
/// number and does not count again.</param>
/// <param name="CancelledValue">The value of all cancellations, as a negative amount.</param>
/// <param name="Units">The number of pieces.</param>
/// <param name="Last">The time of the last sale.</param>
public sealed record SalesTotals(
    int Lines, decimal Value, int Invoices, int Cancellations, decimal CancelledValue, long Units, DateTimeOffset Last)
{
    public const string Key = "all";

    public static SalesTotals None { get; } = new(0, 0, 0, 0, 0, 0, default);
}

[Projection("sales-totals")]
public sealed partial class SalesTotalsProjection : Projection<string, SalesTotals>
{
    public static string Key(SaleRecorded sale) => SalesTotals.Key;

    public static SalesTotals Apply(SalesTotals? totals, SaleRecorded sale)
    {
        totals ??= SalesTotals.None;
        var isCancellation = sale.Kind == SaleKind.Cancellation;
        var (first, value) = (sale.Part == 1 ? 1 : 0, sale.NetValue());
        return new SalesTotals(
            totals.Lines + sale.Lines.Count,
            totals.Value + value,
            totals.Invoices + first,
            totals.Cancellations + (isCancellation ? first : 0),
            totals.CancelledValue + (isCancellation ? value : 0),
            totals.Units + sale.Lines.Sum(line => (long)line.Quantity),
            sale.OccurredAt > totals.Last ? sale.OccurredAt : totals.Last);
    }
}
