using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Servers;

/// <summary>Creates self-signed certificates.</summary>
public static class SelfSignedCertificate
{
    /// <summary>Creates a certificate with its key, which is valid for a day.</summary>
    /// <param name="name">The host name.</param>
    /// <param name="usages">The OIDs of what it can be used for; none if this is not limited.</param>
    public static X509Certificate2 Of(string name, params string[] usages)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        // The certificate is its own authority.
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        if (usages.Length > 0)
        {
            var oids = new OidCollection();
            foreach (var usage in usages)
                oids.Add(new Oid(usage));
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(oids, critical: false));
        }
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
