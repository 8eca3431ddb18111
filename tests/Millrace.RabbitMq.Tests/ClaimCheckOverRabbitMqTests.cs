namespace Millrace.RabbitMq.Tests;

public sealed class ClaimCheckOverRabbitMqTests
{
    [RabbitMqTheory]
    [InlineData("Binary")]
    [InlineData("Structured")]
    public async Task A_large_body_goes_beside_the_broker_and_one_that_is_lost_or_changed_is_told(string format)
    {
        var server = await RabbitMqServer.Shared;
        await new ClaimChecks("rabbitmq", (millrace, configure) => millrace.UseRabbitMq(server.Uri, configure)).Run(
            format);
    }
}
