using System.Data.Common;

namespace Commerce.Trust;

/// <summary>Adds encryption, erasure, the audit trail and seals to the shop.</summary>
internal static class TrustSetup
{
    private static readonly TimeSpan SealInterval = TimeSpan.FromSeconds(1);

    /// <summary>Selects the storage of the customers' keys, which is never the store.</summary>
    /// <exception cref="InvalidDataException">The database or the passphrase is not valid.</exception>
    public static MillraceBuilder UseCustomerKeys(
        this MillraceBuilder millrace, ShopOptions options, ShopSecrets secrets)
    {
        try
        {
            _ = new PassphraseMasterKey(secrets.Passphrase); // Reports a short one at once.
        }
        catch (ArgumentException)
        {
            throw new InvalidDataException(
                $"The passphrase of the customers' keys in {ShopSecrets.PassphraseVariable} or the folder of the "
                    + $"secrets is too short: use at least {PassphraseMasterKey.MinLength} characters.");
        }
        try
        {
            return options.Keys is { } database
                ? millrace.UsePostgreSqlKeys(database, secrets.Passphrase)
                : millrace.UseSqliteKeys(options.KeysFile, secrets.Passphrase);
        }
        catch (ArgumentException)
        {
            // Without the original message, which may contain the password.
            throw new InvalidDataException(
                "--keys needs the address of a PostgreSQL database, such as postgres://user@host/database.");
        }
    }

    /// <summary>Returns the place of the customers' keys without a password: a file, or a host and a
    /// database.</summary>
    public static string PlaceOfKeys(ShopOptions options)
    {
        if (options.Keys is not { } keys)
            return options.KeysFile;
        if (Uri.TryCreate(keys, UriKind.Absolute, out var address) && address.Host.Length > 0)
            return $"{address.Host}{address.AbsolutePath}";
        var settings = new DbConnectionStringBuilder { ConnectionString = keys };
        var host = settings.TryGetValue("Host", out var named) ? named : "localhost";
        return settings.TryGetValue("Database", out var database) ? $"{host}/{database}" : $"{host}";
    }

    /// <summary>Adds the erasure of customers, with certificates that the shop signs.</summary>
    public static MillraceBuilder UseErasures(this MillraceBuilder millrace, ShopSecrets secrets)
    {
        millrace.Services.AddTransient<CustomerErasure>();
        millrace.Services.AddTransient<IErasureRule, CustomerErasureRule>();
        return millrace.AddErasures(erasures =>
        {
            erasures.PrivateKeyPem = secrets.CertificateKey;
            erasures.OutOfReach.Add("E-mails that the shop sent to the customer.");
            erasures.OutOfReach.Add("Payments at the payment service, which has the card and no name.");
        });
    }

    /// <summary>Records an audit trail in the log, and seals the log each second while it grows.</summary>
    public static MillraceBuilder UseAuditTrail(this MillraceBuilder millrace, ShopSecrets secrets) => millrace
        .AddAudit()
        .AddSeals(seals => (seals.KeyFile, seals.Interval) = (secrets.SealKeyFile, SealInterval));
}
