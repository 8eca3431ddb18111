using Millrace.Messaging.Tests;

namespace Millrace.Redis.Tests;

public sealed class ChooseRedisTests
{
    [RedisFact]
    public async Task The_configuration_names_the_broker()
    {
        await using var server = await RedisServer.Start();
        var settings = new Dictionary<string, string?> { ["Millrace:Redis:Address"] = server.Address };
        await new ChoiceChecks("redis", choices => choices.AddRedis(), settings).Run();
    }
}
