using System.Security.Cryptography.X509Certificates;
using Millrace.Testing;

namespace Millrace.Kafka.Tests;

/// <summary>
/// Tests of TLS, and of SASL over TLS, with the settings of librdkafka. The broker is reachable only through a TLS
/// proxy.
/// </summary>
public sealed class SecureKafkaTests(KafkaServerFixture fixture) : IClassFixture<KafkaServerFixture>, IDisposable
{
    private static readonly CancellationToken Cancel = CancellationToken.None;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(1);

    private static int _names;

    private readonly string _topic = $"secure-{Interlocked.Increment(ref _names)}";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("millrace-kafka-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Messages_are_sent_over_TLS_with_a_trusted_certificate()
    {
        using var certificate = SelfSignedCertificate.Of("localhost");
        await using var proxy = new KafkaTlsProxy(fixture.Server.Address, certificate);
        await using var transport = Transport(proxy, Trusted(certificate), seconds: 30);

        await CheckConnection(transport);
    }

    [Theory]
    [InlineData("localhost", false)] // The client does not trust the certificate.
    [InlineData("elsewhere", true)] // The certificate is for another host.
    public async Task A_broker_with_an_untrusted_or_wrong_certificate_gets_no_message(string name, bool isTrusted)
    {
        using var certificate = SelfSignedCertificate.Of(name);
        using var other = SelfSignedCertificate.Of("localhost");
        await using var proxy = new KafkaTlsProxy(fixture.Server.Address, certificate);
        await using var transport = Transport(proxy, Trusted(isTrusted ? certificate : other));

        // The client reports the reason before or after it reports that the broker is unavailable.
        await Eventually.Get(
            () => CheckFails(transport),
            error => error.Message.Contains("certificate verify failed", StringComparison.Ordinal),
            WaitTimeout);

        var outcome = PublishOutcome.Unconfirmed("");
        var failure = await Record.ExceptionAsync(async () => outcome = await Publish(transport));
        Assert.True(
            failure is TransportUnavailableException or TransportRefusedException
                || outcome.Result == PublishResult.Unconfirmed,
            $"{failure} {outcome}");
    }

    [Fact]
    public async Task A_client_without_TLS_cannot_connect_to_a_TLS_broker()
    {
        using var certificate = SelfSignedCertificate.Of("localhost");
        await using var proxy = new KafkaTlsProxy(fixture.Server.Address, certificate);
        await using var transport = Transport(proxy, new() { ["security.protocol"] = "plaintext" });

        await CheckFails(transport);
    }

    [Fact]
    public async Task Messages_are_sent_with_SASL_authentication()
    {
        using var certificate = SelfSignedCertificate.Of("localhost");
        await using var proxy = new KafkaTlsProxy(fixture.Server.Address, certificate, ("millrace", "secret"));
        await using var transport = Transport(proxy, WithLogin(certificate, "PLAIN", "secret"), seconds: 30);

        await CheckConnection(transport);
    }

    [Theory]
    [InlineData("PLAIN", "guessed", "The password is wrong.")]
    [InlineData("SCRAM-SHA-256", "secret", "SCRAM-SHA-256")] // The broker supports another mechanism.
    public async Task A_failed_SASL_authentication_is_reported_with_its_reason(
        string mechanism, string password, string reason)
    {
        using var certificate = SelfSignedCertificate.Of("localhost");
        await using var proxy = new KafkaTlsProxy(fixture.Server.Address, certificate, ("millrace", "secret"));
        await using var transport = Transport(proxy, WithLogin(certificate, mechanism, password));

        await Eventually.Get(
            () => CheckFails(transport),
            error => error.Message.Contains(reason, StringComparison.Ordinal),
            WaitTimeout);
    }

    /// <summary>Checks that a message is published, confirmed, received and acknowledged.</summary>
    private async Task CheckConnection(KafkaTransport transport)
    {
        var orders = new Subscription("shipping", _topic);
        await transport.Declare(new TransportTopology([_topic], [orders]), Cancel);

        var outcome = await Publish(transport);

        Assert.Equal(PublishOutcome.Confirmed, outcome);
        await using var receiver = await transport.Receive(orders, Cancel);
        using var limit = new CancellationTokenSource(WaitTimeout);
        var deliveries = await receiver.Take(1, limit.Token);
        Assert.Equal("1", Assert.Single(deliveries).Message.Id);
        await receiver.Acknowledge(deliveries, Cancel);
    }

    private Dictionary<string, string> WithLogin(X509Certificate2 certificate, string mechanism, string password)
    {
        var settings = Trusted(certificate);
        settings["security.protocol"] = "sasl_ssl";
        (settings["sasl.mechanism"], settings["sasl.username"], settings["sasl.password"]) = (
            mechanism, "millrace", password);
        return settings;
    }

    /// <summary>Returns settings with which a client trusts only one certificate.</summary>
    private Dictionary<string, string> Trusted(X509Certificate2 certificate)
    {
        var file = Path.Combine(_folder.FullName, $"{certificate.Thumbprint}.pem");
        File.WriteAllText(file, certificate.ExportCertificatePem());
        return new() { ["security.protocol"] = "ssl", ["ssl.ca.location"] = file };
    }

    /// <param name="proxy">The proxy through which the client reaches the broker.</param>
    /// <param name="settings">The settings of the client.</param>
    /// <param name="seconds">The timeout of each operation. Tests of failures use a short timeout.</param>
    private static KafkaTransport Transport(KafkaTlsProxy proxy, Dictionary<string, string> settings, int seconds = 3)
    {
        var options = new KafkaOptions
        {
            Servers = proxy.Address,
            CreatesTopics = false,
            TakeOverAfter = TimeSpan.FromSeconds(4),
            RequestTimeout = TimeSpan.FromSeconds(seconds),
            DeliveryTimeout = TimeSpan.FromSeconds(seconds),
        };
        settings["broker.address.family"] = "v4";
        foreach (var (name, value) in settings)
            options.Settings[name] = value;
        return new KafkaTransport(options);
    }

    private static async Task<Exception> CheckFails(KafkaTransport transport)
    {
        var failure = await Record.ExceptionAsync(() => transport.Check(Cancel).AsTask());
        Assert.True(failure is TransportUnavailableException or TransportRefusedException, $"{failure}");
        return failure;
    }

    private async Task<PublishOutcome> Publish(KafkaTransport transport) =>
        (
            await transport.Publish(
                [
                    new(
                        _topic,
                        new Message
                        {
                            Id = "1",
                            Type = "order.placed",
                            Subject = "order-1",
                            Body = "{}"u8.ToArray(),
                        }
                    ),
                ],
                Cancel)).Single();
}
