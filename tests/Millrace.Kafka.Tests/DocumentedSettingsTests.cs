using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.Configuration;

namespace Millrace.Kafka.Tests;

/// <summary>Tests that the client accepts the settings in docs/how-to/publish-to-kafka.md.</summary>
public sealed class DocumentedSettingsTests : IDisposable
{
    private const string Password = "MILLRACE_TEST_Millrace__Kafka__Settings__sasl.password";

    private readonly string _authority = Path.GetTempFileName();

    public DocumentedSettingsTests()
    {
        using var certificate = SelfSignedCertificate.Of("localhost");
        File.WriteAllText(_authority, certificate.ExportCertificatePem());
        Environment.SetEnvironmentVariable(Password, "secret");
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(Password, null);
        File.Delete(_authority);
    }

    [Fact]
    public void The_client_accepts_the_documented_settings_and_the_environments_password()
    {
        var options = new KafkaOptions { Servers = "localhost:9092" };
        KafkaSettings.Apply(Configuration(), options);

        Assert.Empty(options.Problems());
        Assert.Equal("kafka-1.example.org:9093,kafka-2.example.org:9093", options.Servers);
        Assert.Equal(
            ("SASL_SSL", "secret"), (options.Settings["security.protocol"], options.Settings["sasl.password"]));
        options.Settings["ssl.ca.location"] = _authority;
        using var client = new ProducerBuilder<Null, Null>(ClientSettings.Producer(options))
            .SetLogHandler((_, _) => { })
            .Build();
        Assert.Contains("producer", client.Name, StringComparison.Ordinal);
    }

    private static IConfigurationRoot Configuration()
    {
        var shown = Fence.Of("docs/how-to/publish-to-kafka.md").Single(fence => fence.Language == "json").Text;
        return new ConfigurationBuilder()
            .AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(shown)))
            .AddEnvironmentVariables("MILLRACE_TEST_")
            .Build();
    }
}
