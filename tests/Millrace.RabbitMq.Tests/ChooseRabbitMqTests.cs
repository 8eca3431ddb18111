namespace Millrace.RabbitMq.Tests;

public sealed class ChooseRabbitMqTests
{
    [RabbitMqFact]
    public async Task The_configuration_selects_the_broker()
    {
        var server = await RabbitMqServer.Shared;
        var settings = new Dictionary<string, string?> { ["Millrace:Messaging:rabbitmq:Uri"] = server.Uri };
        await new TransportSelectionChecks("rabbitmq", choices => choices.AddRabbitMq(), settings).Run();
    }

    [RabbitMqFact]
    public async Task RabbitMQ_is_found_by_the_name_of_its_transport()
    {
        var server = await RabbitMqServer.Shared;
        var settings = new Dictionary<string, string?> { ["Millrace:Messaging:rabbitmq:Address"] = server.Uri };
        await new TransportSelectionChecks("rabbitmq", choices => choices.AddRabbitMq(), settings).Run();
    }

    [Fact]
    public async Task Two_settings_with_different_addresses_are_refused()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Millrace:Messaging:rabbitmq:Address"] = "amqp://here",
            ["Millrace:Messaging:rabbitmq:Uri"] = "amqp://there",
        };
        await new TransportSelectionChecks("rabbitmq", choices => choices.AddRabbitMq(), settings).RefuseTwoAddresses(
            "Millrace:Messaging:rabbitmq:Uri");
    }
}
