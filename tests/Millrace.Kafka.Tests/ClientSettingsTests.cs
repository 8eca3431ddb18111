using System.Globalization;

namespace Millrace.Kafka.Tests;

/// <summary>Tests the settings of librdkafka besides the configured ones.</summary>
public sealed class ClientSettingsTests
{
    private const string Verifies = "ssl.endpoint.identification.algorithm";

    [Fact]
    public void An_unconfirmed_message_fails_after_five_seconds_by_default()
    {
        var shorter = new KafkaOptions { DeliveryTimeout = TimeSpan.FromMilliseconds(700) };

        Assert.Equal("5000", ClientSettings.Producer(new KafkaOptions())["message.timeout.ms"]);
        Assert.Equal("700", ClientSettings.Producer(shorter)["message.timeout.ms"]);
    }

    [Fact]
    public void A_message_waits_for_half_a_millisecond_for_others_in_every_culture()
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            var withComma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            withComma.NumberFormat.NumberDecimalSeparator = ",";
            CultureInfo.CurrentCulture = withComma;

            Assert.Equal("0.5", ClientSettings.Producer(new KafkaOptions())["linger.ms"]);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    /// <summary>librdkafka verified no names automatically before 2.0.</summary>
    [Theory]
    [InlineData("ssl")]
    [InlineData("SASL_SSL")]
    public void The_name_in_the_certificate_of_a_broker_is_verified(string protocol)
    {
        var options = new KafkaOptions { Settings = { ["security.protocol"] = protocol } };

        Assert.Equal("https", ClientSettings.Common(options)[Verifies]);
        Assert.Equal("https", ClientSettings.Producer(options)[Verifies]);
        Assert.Equal("https", ClientSettings.Consumer(options, "shipping")[Verifies]);
    }

    [Fact]
    public void Who_asks_that_it_is_not_verified_is_obeyed()
    {
        var options = new KafkaOptions { Settings = { ["security.protocol"] = "ssl", [Verifies] = "none" } };

        Assert.Equal("none", ClientSettings.Common(options)[Verifies]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("plaintext")]
    [InlineData("sasl_plaintext")]
    public void A_client_without_TLS_gets_no_TLS_settings(string? protocol)
    {
        var options = new KafkaOptions();
        if (protocol is not null)
            options.Settings["security.protocol"] = protocol;

        Assert.False(ClientSettings.Common(options).ContainsKey(Verifies));
    }
}
