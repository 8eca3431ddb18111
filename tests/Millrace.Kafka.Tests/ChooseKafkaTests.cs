namespace Millrace.Kafka.Tests;

public sealed class ChooseKafkaTests
{
    [Fact]
    public async Task The_configuration_names_the_broker()
    {
        using var server = new KafkaServer();
        var settings = new Dictionary<string, string?>
        {
            ["Millrace:Kafka:Servers"] = server.Address,
            ["Millrace:Kafka:CreatesTopics"] = "false",
        };
        await new TransportSelectionChecks("kafka", choices => choices.AddKafka(), settings).Run();
    }

    [Fact]
    public async Task The_address_can_be_set_by_the_setting_that_all_brokers_share()
    {
        using var server = new KafkaServer();
        var settings = new Dictionary<string, string?>
        {
            ["Millrace:Kafka:CreatesTopics"] = "false",
            ["Millrace:Messaging:kafka:Address"] = server.Address,
        };
        await new TransportSelectionChecks("kafka", choices => choices.AddKafka(), settings).Run();
    }

    [Fact]
    public async Task Different_addresses_in_two_settings_are_refused()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Millrace:Messaging:kafka:Address"] = "here:1",
            ["Millrace:Kafka:Servers"] = "there:1",
        };
        await new TransportSelectionChecks("kafka", choices => choices.AddKafka(), settings).RefuseTwoAddresses(
            "Millrace:Kafka:Servers");
    }
}
