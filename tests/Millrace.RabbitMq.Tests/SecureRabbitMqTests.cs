using System.Net.Security;
using System.Security.Authentication;

namespace Millrace.RabbitMq.Tests;

/// <summary>TLS, with a broker that is reached by it alone.</summary>
public sealed class SecureRabbitMqTests
{
    private static readonly CancellationToken Cancel = CancellationToken.None;

    [RabbitMqFact]
    public async Task A_broker_that_shows_its_own_name_is_spoken_to()
    {
        using var certificate = SelfSignedCertificate.Of("localhost");
        await using var door = new TlsProxy((await RabbitMqServer.Shared).Port, certificate);
        await using var transport = Transport(door, TrustCertificate);

        await transport.Check(Cancel);
    }

    [RabbitMqFact]
    public async Task A_broker_that_shows_the_name_of_another_is_not_spoken_to()
    {
        using var certificate = SelfSignedCertificate.Of("elsewhere");
        await using var door = new TlsProxy((await RabbitMqServer.Shared).Port, certificate);
        await using var transport = Transport(door, TrustCertificate);

        var away = await Assert.ThrowsAsync<TransportUnavailableException>(() => transport.Check(Cancel).AsTask());

        Assert.Contains(nameof(AuthenticationException), away.ToString(), StringComparison.Ordinal);
    }

    [RabbitMqFact]
    public async Task An_untrusted_broker_is_not_used()
    {
        using var certificate = SelfSignedCertificate.Of("localhost");
        await using var door = new TlsProxy((await RabbitMqServer.Shared).Port, certificate);
        await using var transport = Transport(door, null);

        var away = await Assert.ThrowsAsync<TransportUnavailableException>(() => transport.Check(Cancel).AsTask());

        Assert.Contains(nameof(AuthenticationException), away.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Trusts every issuer; other certificate errors count.</summary>
    private static void TrustCertificate(global::RabbitMQ.Client.SslOption tls) =>
        tls.AcceptablePolicyErrors |= SslPolicyErrors.RemoteCertificateChainErrors;

    private static RabbitMqTransport Transport(TlsProxy door, Action<global::RabbitMQ.Client.SslOption>? configure) =>
        new(
            new RabbitMqOptions
            {
                Uri = $"amqps://localhost:{door.Port}",
                ConfigureTls = configure,
                ConnectTimeout = TimeSpan.FromSeconds(30),
            }
        );
}
