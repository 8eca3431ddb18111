
namespace Millrace.Redis.Tests;

public sealed class ClaimCheckOverRedisTests
{
    [RedisTheory]
    [InlineData("Binary")]
    [InlineData("Structured")]
    public async Task A_large_body_is_stored_outside_the_broker_and_a_lost_or_changed_one_is_reported(string format)
    {
        await using var server = await RedisServer.Start();
        await new ClaimChecks("redis", (millrace, configure) => millrace.UseRedis(server.Address, configure)).Run(
            format);
    }
}
