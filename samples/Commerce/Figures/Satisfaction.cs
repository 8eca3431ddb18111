using Commerce.Orders;

namespace Commerce.Figures;

/// <summary>
/// The share of orders that arrived and stayed. The shop does not ask its customers, so this is its figure of their
/// satisfaction.
/// </summary>
[Kpi(
    "satisfaction",
    Kind = KpiKind.Ratio,
    Description = "The share of delivered orders among those that were delivered, cancelled, failed or returned.",
    Dimensions = ["outcome"])]
public static partial class Satisfaction
{
    public static KpiValue? Measure(OrderDelivered delivered) => Of(true, "delivered", delivered.OccurredAt);

    public static KpiValue? Measure(OrderCancelled cancelled) => Of(false, "cancelled", cancelled.OccurredAt);

    public static KpiValue? Measure(OrderFailed failed) => Of(false, "failed", failed.OccurredAt);

    public static KpiValue? Measure(OrderItemsReturned returned) => Of(false, "returned", returned.OccurredAt);

    private static KpiValue Of(bool isSuccess, string outcome, DateTimeOffset at) =>
        KpiValue.Success(isSuccess).At(at).By("outcome", outcome);
}
