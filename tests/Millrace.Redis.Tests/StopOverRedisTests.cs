
namespace Millrace.Redis.Tests;

public sealed class StopOverRedisTests
{
    [RedisFact]
    public async Task Who_is_stopped_finishes_what_is_in_hand_and_loses_and_doubles_nothing()
    {
        await using var server = await RedisServer.Start();
        await Checks(server).Run();
    }

    [RedisFact]
    public async Task What_is_not_finished_within_the_limit_is_done_once_by_the_next()
    {
        await using var server = await RedisServer.Start();
        await Checks(server).RunLate();
    }

    private static StopChecks Checks(RedisServer server) =>
        new((millrace, configure) => millrace.UseRedis(server.Address, configure));
}
