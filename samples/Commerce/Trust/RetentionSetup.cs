namespace Commerce.Trust;

/// <summary>
/// Declares how long the shop keeps data. The time is the one at which an event was recorded, so that the imported
/// years of older books are kept.
/// </summary>
internal static class RetentionSetup
{
    /// <summary>A draft that was never placed has no purpose after a month (GDPR, article 5(1)(e)).</summary>
    public static RetentionPeriod Drafts => RetentionPeriod.Days(30);

    /// <summary>Claims of and against a customer without an order expire after three years (BGB, section
    /// 195).</summary>
    public static RetentionPeriod Customers => RetentionPeriod.Years(3);

    /// <summary>Placed orders and sales belong to the books, which are kept for up to ten years (HGB, section 257).
    /// They are never removed automatically, because the figures of the shop are computed from them.</summary>
    private static readonly string[] Books = ["order.submitted", "sale.recorded", "customer.taken-over"];

    public static MillraceBuilder UseRetention(this MillraceBuilder millrace) => millrace.AddRetention(retention =>
    {
        retention.Schedule = "0 3 * * *";
        retention.Category("order").DeleteAfter(Drafts).EvenIfReadBy("customers", "orders", "parcels");
        retention.Category("customer").ErasePersonalDataAfter(Customers);
        foreach (var type in Books)
            retention.EventType(type).KeepForever();
    });
}
