namespace Millrace.RabbitMq.Tests;

public sealed class StopOverRabbitMqTests
{
    [RabbitMqFact]
    public async Task A_stopped_node_finishes_its_messages_without_loss_or_duplicates() =>
        await (await Checks()).Run();

    [RabbitMqFact]
    public async Task A_message_that_exceeds_the_stop_timeout_is_handled_once_by_the_next_node() =>
        await (await Checks()).RunLate();

    private static async Task<StopChecks> Checks()
    {
        var server = await RabbitMqServer.Shared;
        return new StopChecks((millrace, configure) => millrace.UseRabbitMq(server.Uri, configure));
    }
}
