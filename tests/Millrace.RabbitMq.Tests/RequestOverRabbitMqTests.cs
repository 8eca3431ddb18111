namespace Millrace.RabbitMq.Tests;

public sealed class RequestOverRabbitMqTests
{
    [RabbitMqFact]
    public async Task A_service_asks_another_and_is_answered()
    {
        var server = await RabbitMqServer.Shared;
        await new RequestChecks((millrace, configure) => millrace.UseRabbitMq(server.Uri, configure)).Run();
    }
}
