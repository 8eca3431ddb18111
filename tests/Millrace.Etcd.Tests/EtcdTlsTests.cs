using Microsoft.Extensions.Options;

namespace Millrace.Etcd.Tests;

/// <summary>Tests the registry over TLS with a real etcd that requires client certificates.</summary>
public sealed class EtcdTlsTests
{
    [EtcdFact]
    public async Task Certificates_of_the_configured_authority_are_accepted_and_others_are_refused()
    {
        using var files = new PemFiles();
        using var others = new PemFiles();
        var (certificate, key) = files.Sign("server");
        var (clientCertificate, clientKey) = files.Sign("client");
        await using var server = await EtcdServer.Start(
            "https",
            "--cert-file",
            certificate,
            "--key-file",
            key,
            "--client-cert-auth",
            "--trusted-ca-file",
            files.Authority);
        var options = new EtcdOptions
        {
            Address = server.Address,
            AnswerTimeout = TimeSpan.FromSeconds(20),
            CertificateAuthorityFile = files.Authority,
            ClientCertificateFile = clientCertificate,
            ClientKeyFile = clientKey,
        };
        using (var registry = new EtcdRegistry(options, TimeProvider.System))
        {
            await registry.Register(new ServiceInstance("a", "safe", "127.0.0.1", 8080), TimeSpan.FromMinutes(1));
            Assert.Single(await registry.Find("safe"));
        }

        options.CertificateAuthorityFile = others.Authority;
        using (var registry = new EtcdRegistry(options, TimeProvider.System))
        {
            var refused = await Assert.ThrowsAsync<EtcdAccessException>(() => registry.Find("safe").AsTask());
            Assert.Contains("CertificateAuthorityFile", refused.Message, StringComparison.Ordinal);
            Assert.False(refused.IsTransient);
        }

        options.CertificateAuthorityFile = files.Authority;
        (options.ClientCertificateFile, options.ClientKeyFile) = (null, null);
        using (var registry = new EtcdRegistry(options, TimeProvider.System))
        {
            // In TLS 1.3 the server refuses after the handshake, and a closed connection can lose the reason.
            var refused = await Record.ExceptionAsync(() => registry.Find("safe").AsTask());
            for (var tries = 0; refused is EtcdUnavailableException && tries < 20; tries++)
                refused = await Record.ExceptionAsync(() => registry.Find("safe").AsTask());
            Assert.Contains(
                "ClientCertificateFile",
                Assert.IsType<EtcdAccessException>(refused).Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void All_missing_or_invalid_certificate_files_are_reported()
    {
        using var files = new PemFiles();
        var refused = Assert.Throws<OptionsValidationException>(() => new EtcdRegistry(
            new EtcdOptions
            {
                Address = "https://localhost:2379",
                CertificateAuthorityFile = files.Write("text.pem", "no certificate"),
                ClientCertificateFile = files.Authority + ".missing",
                ClientKeyFile = files.Authority + ".missing",
            },
            TimeProvider.System));

        Assert.Equal(2, refused.Failures.Count());
    }
}
