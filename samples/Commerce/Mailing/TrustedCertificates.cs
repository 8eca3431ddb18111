using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Commerce.Mailing;

/// <summary>Certificates of authorities that are trusted in addition to those of the system.</summary>
internal sealed class TrustedCertificates(X509Certificate2Collection authorities)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private static readonly TimeSpan RevocationTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Reads certificates from a PEM file.</summary>
    public static TrustedCertificates Read(string file)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(file);
        return new TrustedCertificates(authorities);
    }

    /// <summary>Returns true if the certificate is trusted and its host name matches.</summary>
    public bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is null)
            return errors == SslPolicyErrors.None;
        if (chain is not null && IsRefused(chain.ChainStatus))
            return false;
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(authorities);
        own.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        own.ChainPolicy.DisableCertificateDownloads = true;
        // A private authority rarely publishes a revocation list, but one that is published applies.
        own.ChainPolicy.RevocationMode = chain?.ChainPolicy.RevocationMode ?? X509RevocationMode.NoCheck;
        own.ChainPolicy.UrlRetrievalTimeout = RevocationTimeout;
        own.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreEndRevocationUnknown
            | X509VerificationFlags.IgnoreCertificateAuthorityRevocationUnknown
            | X509VerificationFlags.IgnoreRootRevocationUnknown;
        if (chain is not null)
            own.ChainPolicy.ExtraStore.AddRange(chain.ChainPolicy.ExtraStore);
        foreach (var element in chain?.ChainElements.Skip(1) ?? [])
            own.ChainPolicy.ExtraStore.Add(element.Certificate);
        using var leaf = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return own.Build(leaf);
    }

    /// <summary>
    /// Returns true for errors that no additional authority can correct. The check of the system has found them with
    /// its own authorities.
    /// </summary>
    internal static bool IsRefused(IEnumerable<X509ChainStatus> statuses) => statuses.Any(static one =>
        (one.Status & (X509ChainStatusFlags.Revoked | X509ChainStatusFlags.NotValidForUsage)) != 0);
}
