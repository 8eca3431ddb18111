namespace Commerce.Trust;

/// <summary>Declares what the reports for auditors contain that only the shop knows.</summary>
internal static class ReportSetup
{
    public static MillraceBuilder UseReports(this MillraceBuilder millrace, ShopSecrets secrets) =>
        millrace.AddReports(reports =>
        {
            reports.Evidence = new SealEvidence { KeyFiles = [secrets.SealPublicKeyFile] };
            reports
                .Controller(new DataController("The mill shop (a sample)", "privacy@millshop.example"))
                .Activity(Customers)
                .Activity(Orders)
                .Activity(AuditTrail)
                .Financial("payment", "order")
                .Separate(
                    "operate audit", "operate dead-letters.decide", "who checks the records does not change them");
        });

    private static ProcessingActivity Customers => new(
        "Customers", "accounts of customers", "contract (art. 6(1)(b))")
    {
        Subjects = ["customers"],
        Data = ["user names", "e-mail addresses", "countries"],
        Recipients = ["mail server"],
        Retention = $"without an order {RetentionSetup.Customers}; otherwise as orders",
        Measures = ["encryption with a key for each customer", "roles", "erasure with a certificate"],
    };

    private static ProcessingActivity Orders => new(
        "Orders", "sale, delivery and bookkeeping", "contract and legal obligation (art. 6(1)(b) and (c))")
    {
        Subjects = ["customers"],
        Data = ["names", "addresses", "names of cards", "reasons of cancellations and returns"],
        Recipients = ["carrier", "payment service"],
        Retention = $"events of drafts {RetentionSetup.Drafts}, their read models until a rebuild; "
            + "placed orders as books, up to 10 years",
        Measures = ["encryption with a key for each customer", "roles", "seals"],
    };

    private static ProcessingActivity AuditTrail => new(
        "Audit trail", "evidence of access and changes", "legitimate interest (art. 6(1)(f))")
    {
        Subjects = ["customers", "staff"],
        Data = ["ids", "IP addresses", "programs"],
        Recipients = ["auditors"],
        Retention = "until the operator truncates it",
        Measures = ["roles", "seals"],
    };
}
