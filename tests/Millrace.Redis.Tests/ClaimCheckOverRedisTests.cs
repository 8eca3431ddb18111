
namespace Millrace.Redis.Tests;

public sealed class ClaimCheckOverRedisTests
{
    [RedisTheory]
    [InlineData("Binary")]
    [InlineData("Structured")]
    public async Task A_large_body_goes_beside_the_broker_and_one_that_is_lost_or_changed_is_told(string format)
    {
        await using var server = await RedisServer.Start();
        await new ClaimChecks("redis", (millrace, configure) => millrace.UseRedis(server.Address, configure)).Run(
            format);
    }
}
