using Commerce.Orders;

namespace Commerce.Statistics;

/// <summary>Everything together.</summary>
/// <param name="Lines">How many lines were recorded.</param>
/// <param name="Value">The sum of quantity and price over all of them.</param>
/// <param name="Invoices">Different numbers: invoices, cancellations, adjustments and write-offs.</param>
/// <param name="Cancellations">Cancellations among them; those of an order of this shop have the order's number and do
/// not count again.</param>
/// <param name="CancelledValue">The value of all cancellations, below zero.</param>
/// <param name="Units">Pieces.</param>
/// <param name="Last">When the last one happened.</param>
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
