using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Commerce.Mailing;

/// <summary>Certificates of authorities that are trusted in addition to those of the system.</summary>
internal sealed class TrustedCertificates(X509Certificate2Collection authorities)
{
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
        using var privateChain = new X509Chain();
        privateChain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        privateChain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        // A private authority rarely publishes a revocation list.
        privateChain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        foreach (var element in chain?.ChainElements.Skip(1) ?? [])
            privateChain.ChainPolicy.ExtraStore.Add(element.Certificate);
        using var leaf = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return privateChain.Build(leaf);
    }
}
