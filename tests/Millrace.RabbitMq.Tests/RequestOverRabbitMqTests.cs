namespace Millrace.RabbitMq.Tests;

public sealed class RequestOverRabbitMqTests
{
    [RabbitMqFact]
    public async Task A_service_asks_another_and_is_answered()
    {
        var server = await RabbitMqServer.Shared;
        await new RequestChecks((millrace, configure) => millrace.UseRabbitMq(server.Uri, configure)).Run();
    }

    [RabbitMqFact]
    public async Task An_answer_goes_to_no_exchange_that_a_request_names()
    {
        var server = await RabbitMqServer.Shared;
        await new UndeliverableAnswerChecks((millrace, configure) => millrace.UseRabbitMq(server.Uri, configure)).Run();
    }
}
