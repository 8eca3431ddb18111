namespace Millrace.RabbitMq.Tests;

public sealed class StopOverRabbitMqTests
{
    [RabbitMqFact]
    public async Task Who_is_stopped_finishes_what_is_in_hand_and_loses_and_doubles_nothing() =>
        await (await Checks()).Run();

    [RabbitMqFact]
    public async Task What_is_not_finished_within_the_limit_is_done_once_by_the_next() =>
        await (await Checks()).RunLate();

    private static async Task<StopChecks> Checks()
    {
        var server = await RabbitMqServer.Shared;
        return new StopChecks((millrace, configure) => millrace.UseRabbitMq(server.Uri, configure));
    }
}
