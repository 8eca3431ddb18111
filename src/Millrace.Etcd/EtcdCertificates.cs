using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Millrace.Etcd;

/// <summary>Reads the TLS files that the options name.</summary>
internal static class EtcdCertificates
{
    /// <summary>Returns the TLS options. Adds a problem for each unreadable file.</summary>
    public static SslClientAuthenticationOptions Read(EtcdOptions options, List<string> problems)
    {
        var tls = new SslClientAuthenticationOptions();
        if (!string.IsNullOrEmpty(options.CertificateAuthorityFile))
        {
            ReadOrAddProblem(nameof(options.CertificateAuthorityFile), options.CertificateAuthorityFile, problems, () =>
                tls.CertificateChainPolicy = TrustOnly(Certificates(options.CertificateAuthorityFile)));
        }
        if (!string.IsNullOrEmpty(options.ClientCertificateFile) && !string.IsNullOrEmpty(options.ClientKeyFile))
        {
            ReadOrAddProblem(nameof(options.ClientCertificateFile), options.ClientCertificateFile, problems, () =>
                tls.ClientCertificateContext = Client(options.ClientCertificateFile, options.ClientKeyFile));
        }
        return tls;
    }

    /// <summary>
    /// Returns a chain policy that trusts only the given authorities; host names and dates are checked as usual.
    /// </summary>
    private static X509ChainPolicy TrustOnly(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private static SslStreamCertificateContext Client(string certificate, string key)
    {
        var chain = Certificates(certificate);
        using var fromPem = X509Certificate2.CreateFromPemFile(certificate, key);
        // A key that was read from PEM exists in memory only, which TLS on Windows does not accept.
        var certificateWithKey = X509CertificateLoader.LoadPkcs12(
            fromPem.Export(X509ContentType.Pkcs12), password: null);
        chain.RemoveAt(0);
        return SslStreamCertificateContext.Create(certificateWithKey, chain, offline: true);
    }

    private static X509Certificate2Collection Certificates(string path)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPemFile(path);
        return certificates.Count > 0 ? certificates : throw new CryptographicException("It contains no certificate.");
    }

    private static void ReadOrAddProblem(string option, string path, List<string> problems, Action read)
    {
        try
        {
            read();
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException
            )
        {
            problems.Add($"{option}: '{path}' cannot be read as PEM: {exception.Message}");
        }
    }
}
