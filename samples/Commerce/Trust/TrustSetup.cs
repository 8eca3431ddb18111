namespace Commerce.Trust;

/// <summary>Adds encryption, erasure, access control and the audit trail to the shop.</summary>
internal static class TrustSetup
{
    /// <summary>Selects the storage of the customers' keys, which is never the store.</summary>
    public static MillraceBuilder UseCustomerKeys(
        this MillraceBuilder millrace, ShopOptions options, ShopSecrets secrets) =>
        options.Keys is { } database
            ? millrace.UsePostgreSqlKeys(database, secrets.Passphrase)
            : millrace.UseSqliteKeys(options.KeysFile, secrets.Passphrase);

    /// <summary>Adds the erasure of customers, with certificates that the shop signs.</summary>
    public static MillraceBuilder UseErasures(this MillraceBuilder millrace, ShopSecrets secrets)
    {
        millrace.Services.AddTransient<CustomerErasure>();
        return millrace.AddErasures(erasures =>
        {
            erasures.PrivateKeyPem = secrets.CertificateKey;
            erasures.OutOfReach.Add("E-mails that the shop sent to the customer.");
            erasures.OutOfReach.Add("Payments at the payment service, which has the card and no name.");
        });
    }
}
