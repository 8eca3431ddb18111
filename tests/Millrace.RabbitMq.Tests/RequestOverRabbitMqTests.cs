namespace Millrace.RabbitMq.Tests;

public sealed class RequestOverRabbitMqTests
{
    [RabbitMqFact]
    public async Task A_service_sends_a_request_to_another_and_receives_the_answer()
    {
        var server = await RabbitMqServer.Shared;
        await new RequestChecks((millrace, configure) => millrace.UseRabbitMq(server.Uri, configure)).Run();
    }

    [RabbitMqFact]
    public async Task An_answer_is_not_sent_to_an_exchange_that_a_request_names()
    {
        var server = await RabbitMqServer.Shared;
        await new UndeliverableAnswerChecks((millrace, configure) => millrace.UseRabbitMq(server.Uri, configure)).Run();
    }
}
