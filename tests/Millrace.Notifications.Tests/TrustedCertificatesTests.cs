using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Millrace.Notifications.Tests;

/// <summary>Tests the certificates of servers whose authority is trusted in addition to those of the system.</summary>
public sealed class TrustedCertificatesTests
{
    private const string Server = "1.3.6.1.5.5.7.3.1";
    private const string Client = "1.3.6.1.5.5.7.3.2";

    public static TheoryData<string[], bool> Usages => new()
    {
        { [], true },
        { [Server], true },
        { [Client, Server], true },
        { [Client], false },
    };

    [Theory]
    [MemberData(nameof(Usages))]
    public async Task A_certificate_must_be_usable_for_servers(string[] usages, bool isTrusted)
    {
        using var certificate = SelfSignedCertificate.Of("localhost", usages);
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, certificate.ExportCertificatePem());
            using var chain = new X509Chain();
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            Assert.False(chain.Build(certificate)); // The system does not trust it.

            var actual = TrustedCertificates.Read(file).Validate(
                this, certificate, chain, SslPolicyErrors.RemoteCertificateChainErrors);

            Assert.Equal(isTrusted, actual);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData(X509ChainStatusFlags.Revoked, true)]
    [InlineData(X509ChainStatusFlags.NotValidForUsage, true)]
    [InlineData(X509ChainStatusFlags.UntrustedRoot, false)]
    [InlineData(X509ChainStatusFlags.RevocationStatusUnknown, false)]
    [InlineData(X509ChainStatusFlags.OfflineRevocation, false)]
    public void A_revoked_certificate_is_refused(X509ChainStatusFlags status, bool isRefused) => Assert.Equal(
        isRefused,
        TrustedCertificates.IsRefused(
        [
            new X509ChainStatus { Status = X509ChainStatusFlags.UntrustedRoot },
            new X509ChainStatus { Status = status },
        ]));
}
