namespace Millrace.RabbitMq.Tests;

public sealed class ClaimCheckOverRabbitMqTests
{
    [RabbitMqTheory]
    [InlineData("Binary")]
    [InlineData("Structured")]
    public async Task A_large_body_is_stored_outside_the_broker_and_a_lost_or_changed_one_is_reported(string format)
    {
        var server = await RabbitMqServer.Shared;
        await new ClaimChecks("rabbitmq", (millrace, configure) => millrace.UseRabbitMq(server.Uri, configure)).Run(
            format);
    }
}
