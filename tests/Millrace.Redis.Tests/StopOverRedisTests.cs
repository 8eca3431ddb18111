
namespace Millrace.Redis.Tests;

public sealed class StopOverRedisTests
{
    [RedisFact]
    public async Task A_stopped_node_finishes_its_messages_without_loss_or_duplicates()
    {
        await using var server = await RedisServer.Start();
        await Checks(server).Run();
    }

    [RedisFact]
    public async Task A_message_that_exceeds_the_stop_timeout_is_handled_once_by_the_next_node()
    {
        await using var server = await RedisServer.Start();
        await Checks(server).RunLate();
    }

    private static StopChecks Checks(RedisServer server) =>
        new((millrace, configure) => millrace.UseRedis(server.Address, configure));
}
