using System.Security.Cryptography.X509Certificates;
using Millrace.Testing;

namespace Millrace.Kafka.Tests;

/// <summary>
/// TLS, and SASL over it, as librdkafka's settings ask for them: what comes of it is seen at a broker that is reached
/// by it alone.
/// </summary>
public sealed class SecureKafkaTests(OwnServer own) : IClassFixture<OwnServer>, IDisposable
{
    private static readonly CancellationToken Cancel = CancellationToken.None;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(1);

    private static int _names;

    private readonly string _topic = $"secure-{Interlocked.Increment(ref _names)}";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("millrace-kafka-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Messages_go_over_TLS_where_the_certificate_is_trusted()
    {
        using var certificate = SelfSignedCertificate.Of("localhost");
        await using var line = new KafkaTlsProxy(own.Server.Address, certificate);
        await using var transport = Transport(line, Trusted(certificate), seconds: 30);

        await CheckConnection(transport);
    }

    [Theory]
    [InlineData("localhost", false)] // Nobody vouches for it.
    [InlineData("elsewhere", true)] // It is another program's.
    public async Task A_broker_that_cannot_show_who_it_is_gets_no_message(string name, bool isTrusted)
    {
        using var certificate = SelfSignedCertificate.Of(name);
        using var other = SelfSignedCertificate.Of("localhost");
        await using var line = new KafkaTlsProxy(own.Server.Address, certificate);
        await using var transport = Transport(line, Trusted(isTrusted ? certificate : other));

        // The client says why before or after it says that there is no broker.
        await Eventually.Is(
            () => Away(transport),
            told => told.Message.Contains("certificate verify failed", StringComparison.Ordinal),
            WaitTimeout);

        var outcome = PublishOutcome.Unconfirmed("");
        var failure = await Record.ExceptionAsync(async () => outcome = await Publish(transport));
        Assert.True(
            failure is TransportUnavailableException or TransportRefusedException
                || outcome.Result == PublishResult.Unconfirmed,
            $"{failure} {outcome}");
    }

    [Fact]
    public async Task Who_does_not_speak_TLS_is_not_let_in()
    {
        using var certificate = SelfSignedCertificate.Of("localhost");
        await using var line = new KafkaTlsProxy(own.Server.Address, certificate);
        await using var transport = Transport(line, new() { ["security.protocol"] = "plaintext" });

        await Away(transport);
    }

    [Fact]
    public async Task Messages_are_sent_with_SASL_authentication()
    {
        using var certificate = SelfSignedCertificate.Of("localhost");
        await using var line = new KafkaTlsProxy(own.Server.Address, certificate, ("millrace", "secret"));
        await using var transport = Transport(line, WithLogin(certificate, "PLAIN", "secret"), seconds: 30);

        await CheckConnection(transport);
    }

    [Theory]
    [InlineData("PLAIN", "guessed", "This is not the password.")]
    [InlineData("SCRAM-SHA-256", "secret", "SCRAM-SHA-256")] // The broker knows another.
    public async Task A_failed_SASL_authentication_is_reported_with_its_reason(
        string mechanism, string password, string why)
    {
        using var certificate = SelfSignedCertificate.Of("localhost");
        await using var line = new KafkaTlsProxy(own.Server.Address, certificate, ("millrace", "secret"));
        await using var transport = Transport(line, WithLogin(certificate, mechanism, password));

        await Eventually.Is(
            () => Away(transport), told => told.Message.Contains(why, StringComparison.Ordinal), WaitTimeout);
    }

    /// <summary>A message is published, confirmed, received and acknowledged.</summary>
    private async Task CheckConnection(KafkaTransport transport)
    {
        var orders = new Subscription("shipping", _topic);
        await transport.Declare(new TransportTopology([_topic], [orders]), Cancel);

        var outcome = await Publish(transport);

        Assert.Equal(PublishOutcome.Confirmed, outcome);
        await using var receiver = await transport.Receive(orders, Cancel);
        using var limit = new CancellationTokenSource(WaitTimeout);
        var taken = await receiver.Take(1, limit.Token);
        Assert.Equal("1", Assert.Single(taken).Message.Id);
        await receiver.Acknowledge(taken, Cancel);
    }

    private Dictionary<string, string> WithLogin(X509Certificate2 certificate, string mechanism, string password)
    {
        var settings = Trusted(certificate);
        settings["security.protocol"] = "sasl_ssl";
        (settings["sasl.mechanism"], settings["sasl.username"], settings["sasl.password"]) = (
            mechanism, "millrace", password);
        return settings;
    }

    /// <summary>The settings with which a client trusts only one certificate.</summary>
    private Dictionary<string, string> Trusted(X509Certificate2 certificate)
    {
        var file = Path.Combine(_folder.FullName, $"{certificate.Thumbprint}.pem");
        File.WriteAllText(file, certificate.ExportCertificatePem());
        return new() { ["security.protocol"] = "ssl", ["ssl.ca.location"] = file };
    }

    /// <param name="line">Where the broker is.</param>
    /// <param name="settings">The settings of the client.</param>
    /// <param name="seconds">How long anything may take: little where it has to fail.</param>
    private static KafkaTransport Transport(KafkaTlsProxy line, Dictionary<string, string> settings, int seconds = 3)
    {
        var options = new KafkaOptions
        {
            Servers = line.Address,
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

    private static async Task<Exception> Away(KafkaTransport transport)
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
