namespace Millrace.RabbitMq.Tests;

public sealed class ChooseRabbitMqTests
{
    [RabbitMqFact]
    public async Task The_configuration_names_the_broker()
    {
        var server = await RabbitMqServer.Shared;
        var settings = new Dictionary<string, string?> { ["Millrace:Messaging:rabbitmq:Uri"] = server.Uri };
        await new TransportSelectionChecks("rabbitmq", choices => choices.AddRabbitMq(), settings).Run();
    }

    [RabbitMqFact]
    public async Task It_is_found_by_the_name_that_each_broker_has()
    {
        var server = await RabbitMqServer.Shared;
        var settings = new Dictionary<string, string?> { ["Millrace:Messaging:rabbitmq:Address"] = server.Uri };
        await new TransportSelectionChecks("rabbitmq", choices => choices.AddRabbitMq(), settings).Run();
    }

    [Fact]
    public async Task Two_names_for_different_places_are_refused()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Millrace:Messaging:rabbitmq:Address"] = "amqp://here",
            ["Millrace:Messaging:rabbitmq:Uri"] = "amqp://there",
        };
        await new TransportSelectionChecks("rabbitmq", choices => choices.AddRabbitMq(), settings).RefuseTwoPlaces(
            "Millrace:Messaging:rabbitmq:Uri");
    }
}
