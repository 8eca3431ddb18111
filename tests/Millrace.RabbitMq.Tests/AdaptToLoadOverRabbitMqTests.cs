namespace Millrace.RabbitMq.Tests;

public sealed class AdaptToLoadOverRabbitMqTests
{
    [RabbitMqFact]
    public async Task A_slow_handler_gets_more_workers_and_keeps_the_order_of_each_key()
    {
        var server = await RabbitMqServer.Shared;
        await using var sender = new RabbitMqTransport(new RabbitMqOptions { Uri = server.Uri });

        await AdaptiveReceiverChecks.Adapts(
            (millrace, configure) => millrace.UseRabbitMq(server.Uri, configure),
            sender,
            $"adapting-{Guid.NewGuid():N}");
    }
}
