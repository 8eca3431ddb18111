using Commerce.Payments;

namespace Commerce.Figures;

/// <summary>The share of requested payments that the payment service carried out.</summary>
[Kpi(
    "payment-availability",
    Kind = KpiKind.Ratio,
    Description = "The share of settled payments that were paid.")]
public static partial class PaymentAvailability
{
    public static KpiValue? Measure(PaymentSettled settled) =>
        KpiValue.Success(settled.IsPaid).At(settled.OccurredAt);
}
