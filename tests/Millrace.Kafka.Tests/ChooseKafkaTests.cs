namespace Millrace.Kafka.Tests;

public sealed class ChooseKafkaTests
{
    [KafkaFact]
    public async Task The_configuration_names_the_broker()
    {
        using var server = new KafkaServer();
        var settings = new Dictionary<string, string?>
        {
            ["Millrace:Kafka:Servers"] = server.Address,
            ["Millrace:Kafka:CreatesTopics"] = "false",
        };
        await new ChoiceChecks("kafka", choices => choices.AddKafka(), settings).Run();
    }
}
