using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Millrace.Notifications;

/// <summary>Certificates of authorities that are trusted in addition to those of the system.</summary>
internal sealed class TrustedCertificates
{
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
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        // A private authority rarely publishes a revocation list.
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        foreach (var element in chain?.ChainElements.Skip(1) ?? [])
            own.ChainPolicy.ExtraStore.Add(element.Certificate);
        using var leaf = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return own.Build(leaf);
    }
}
