using Commerce.Payments;

namespace Commerce.Figures;

/// <summary>The time from the request of a payment to its result.</summary>
[Kpi(
    "payment-time",
    Kind = KpiKind.Duration,
    Unit = "s",
    Description = "The time from the request of a payment to its result.",
    Dimensions = ["result"])]
public static partial class PaymentTime
{
    public static KpiValue? Measure(PaymentSettled settled) => settled.RequestedAt is { } requested
        ? KpiValue.Of(settled.OccurredAt - requested)
            .At(settled.OccurredAt)
            .By("result", settled.IsPaid ? "paid" : "refused")
        : null; // An event of an earlier version of the shop.
}
