using Commerce.Orders;

namespace Commerce.Figures;

/// <summary>The value of all records: sales, minus cancellations, returns and corrections of the books.</summary>
[Kpi(
    "revenue",
    Unit = "GBP",
    Description = "The value of sales, less cancellations, returns and adjustments.",
    Dimensions = ["country", "kind", "product"],
    MaxMembers = 300)]
public static partial class Revenue
{
    public static IEnumerable<KpiValue> Measure(SaleRecorded sale) => sale.Lines.Select(line =>
        KpiValue.Of(line.Value())
            .At(sale.OccurredAt)
            .By("country", sale.Country)
            .By("kind", sale.Kind.ToString())
            .By("product", line.Sku));
}
