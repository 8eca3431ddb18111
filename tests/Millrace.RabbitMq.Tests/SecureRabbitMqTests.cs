using System.Net.Security;
using System.Security.Authentication;

namespace Millrace.RabbitMq.Tests;

/// <summary>Tests TLS with a broker that requires it.</summary>
public sealed class SecureRabbitMqTests
{
    private static readonly CancellationToken Cancel = CancellationToken.None;

    [RabbitMqFact]
    public async Task A_broker_whose_certificate_has_its_name_is_accepted()
    {
        using var certificate = SelfSignedCertificate.Of("localhost");
        await using var proxy = new TlsProxy((await RabbitMqServer.Shared).Port, certificate);
        await using var transport = Transport(proxy, TrustCertificate);

        await transport.Check(Cancel);
    }

    [RabbitMqFact]
    public async Task A_broker_whose_certificate_has_another_name_is_refused()
    {
        using var certificate = SelfSignedCertificate.Of("elsewhere");
        await using var proxy = new TlsProxy((await RabbitMqServer.Shared).Port, certificate);
        await using var transport = Transport(proxy, TrustCertificate);

        var failure = await Assert.ThrowsAsync<TransportUnavailableException>(() => transport.Check(Cancel).AsTask());

        Assert.Contains(nameof(AuthenticationException), failure.ToString(), StringComparison.Ordinal);
    }

    [RabbitMqFact]
    public async Task A_broker_with_an_untrusted_certificate_is_refused()
    {
        using var certificate = SelfSignedCertificate.Of("localhost");
        await using var proxy = new TlsProxy((await RabbitMqServer.Shared).Port, certificate);
        await using var transport = Transport(proxy, null);

        var failure = await Assert.ThrowsAsync<TransportUnavailableException>(() => transport.Check(Cancel).AsTask());

        Assert.Contains(nameof(AuthenticationException), failure.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Trusts every issuer, but still refuses other certificate errors.</summary>
    private static void TrustCertificate(global::RabbitMQ.Client.SslOption tls) =>
        tls.AcceptablePolicyErrors |= SslPolicyErrors.RemoteCertificateChainErrors;

    private static RabbitMqTransport Transport(TlsProxy proxy, Action<global::RabbitMQ.Client.SslOption>? configure) =>
        new(
            new RabbitMqOptions
            {
                Uri = $"amqps://localhost:{proxy.Port}",
                ConfigureTls = configure,
                ConnectTimeout = TimeSpan.FromSeconds(30),
            }
        );
}
