namespace Millrace.RabbitMq.Tests;

public sealed class ChooseRabbitMqTests
{
    [RabbitMqFact]
    public async Task The_configuration_names_the_broker()
    {
        var server = await RabbitMqServer.Shared;
        var settings = new Dictionary<string, string?> { ["Millrace:Messaging:rabbitmq:Uri"] = server.Uri };
        await new ChoiceChecks("rabbitmq", choices => choices.AddRabbitMq(), settings).Run();
    }
}
