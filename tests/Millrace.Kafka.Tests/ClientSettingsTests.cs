using System.Globalization;

namespace Millrace.Kafka.Tests;

/// <summary>Tests of the librdkafka settings that the adapter adds to the configured settings.</summary>
public sealed class ClientSettingsTests
{
    private const string NameVerification = "ssl.endpoint.identification.algorithm";

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

    /// <summary>Before version 2.0, librdkafka did not verify names by default.</summary>
    [Theory]
    [InlineData("ssl")]
    [InlineData("SASL_SSL")]
    public void The_name_in_the_certificate_of_a_broker_is_verified(string protocol)
    {
        var options = new KafkaOptions { Settings = { ["security.protocol"] = protocol } };

        Assert.Equal("https", ClientSettings.Common(options)[NameVerification]);
        Assert.Equal("https", ClientSettings.Producer(options)[NameVerification]);
        Assert.Equal("https", ClientSettings.Consumer(options, "shipping")[NameVerification]);
    }

    [Fact]
    public void A_setting_can_turn_off_the_verification_of_the_certificate_name()
    {
        var options = new KafkaOptions { Settings = { ["security.protocol"] = "ssl", [NameVerification] = "none" } };

        Assert.Equal("none", ClientSettings.Common(options)[NameVerification]);
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

        Assert.False(ClientSettings.Common(options).ContainsKey(NameVerification));
    }
}
