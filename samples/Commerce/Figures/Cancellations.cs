using Commerce.Orders;

namespace Commerce.Figures;

/// <summary>The number of cancellations and returns.</summary>
[Kpi(
    "cancellations",
    Kind = KpiKind.Count,
    Unit = "orders",
    Description = "The number of cancelled and returned sales.",
    Dimensions = ["country"])]
public static partial class Cancellations
{
    public static KpiValue? Measure(SaleRecorded sale) => sale is { Kind: SaleKind.Cancellation, Part: 1 }
        ? KpiValue.One.At(sale.OccurredAt).By("country", sale.Country)
        : null;
}
