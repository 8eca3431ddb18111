using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Servers;

/// <summary>Self-signed certificates.</summary>
public static class SelfSignedCertificate
{
    /// <summary>Makes one, with its key, that is good for a day.</summary>
    /// <param name="name">Of which host it is.</param>
    public static X509Certificate2 Of(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        // It vouches for itself.
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
