using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Millrace.Etcd.Tests;

/// <summary>
/// Writes a certificate authority and its certificates as PEM files that a server of another user can read.
/// </summary>
internal sealed class PemFiles : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-pem-").FullName;
    private readonly RSA _key = RSA.Create(2048);
    private readonly X509Certificate2 _authority;

    public PemFiles()
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_directory, (UnixFileMode)0b111_101_101);
        var request = new CertificateRequest("CN=Tests", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        _authority = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        Authority = Write("authority.pem", _authority.ExportCertificatePem());
    }

    /// <summary>Gets the path of the certificate of the authority.</summary>
    public string Authority { get; }

    /// <summary>Signs a certificate for a name and the address of this machine, and returns the paths.</summary>
    public (string Certificate, string Key) Sign(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var signed = request.Create(
            _authority, now.AddDays(-1), now.AddDays(1), RandomNumberGenerator.GetBytes(8));
        return (
            Write($"{name}.pem", signed.ExportCertificatePem()), Write($"{name}.key", key.ExportPkcs8PrivateKeyPem()));
    }

    public string Write(string name, string text)
    {
        var path = Path.Combine(_directory, name);
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, (UnixFileMode)0b110_100_100);
        return path;
    }

    public void Dispose()
    {
        _authority.Dispose();
        _key.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
