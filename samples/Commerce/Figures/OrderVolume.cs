using Commerce.Orders;

namespace Commerce.Figures;

/// <summary>The number of sales. An order of this shop counts when it is paid.</summary>
[Kpi(
    "orders",
    Kind = KpiKind.Count,
    Unit = "orders",
    Description = "The number of sales.",
    Dimensions = ["country"])]
public static partial class OrderVolume
{
    public static KpiValue? Measure(SaleRecorded sale) => sale.Kind == SaleKind.Sale && sale.Part == 1
        ? KpiValue.One.At(sale.OccurredAt).By("country", sale.Country)
        : null;
}
