using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Millrace.Notifications;

/// <summary>Certificates of authorities that are trusted in addition to those of the system.</summary>
internal sealed class TrustedCertificates
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private static readonly TimeSpan RevocationTimeout = TimeSpan.FromSeconds(5);

    private readonly X509Certificate2Collection _authorities = [];

    /// <summary>Reads certificates from a PEM file.</summary>
    /// <exception cref="CryptographicException">The file contains a certificate that is not valid.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static TrustedCertificates Read(string file)
    {
        var trusted = new TrustedCertificates();
        trusted._authorities.ImportFromPemFile(file);
        return trusted;
    }

    /// <summary>Returns why a file cannot be used; null if it contains certificates.</summary>
    public static string? ProblemOf(string file)
    {
        if (string.IsNullOrWhiteSpace(file))
            return "must be the path of a PEM file.";
        try
        {
            return Read(file)._authorities.Count > 0
                ? null
                : $"'{file}' contains no certificate. Use a PEM file with the certificate of the authority.";
        }
        catch (Exception exception) when (exception
            is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return $"'{file}' cannot be read: {exception.Message}";
        }
    }

    /// <summary>Returns true if a certificate is trusted and its host name matches.</summary>
    public bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is null)
            return errors == SslPolicyErrors.None;
        if (chain is not null && IsRefused(chain.ChainStatus))
            return false;
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(_authorities);
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
