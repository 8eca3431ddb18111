using Millrace.Messaging.Tests;

namespace Millrace.Redis.Tests;

public sealed class RequestOverRedisTests
{
    [RedisFact]
    public async Task A_service_asks_another_and_is_answered()
    {
        await using var server = await RedisServer.Start();
        await new RequestChecks((millrace, configure) => millrace.UseRedis(server.Address, configure)).Run();
    }
}
