
namespace Millrace.Redis.Tests;

public sealed class ChooseRedisTests
{
    [RedisFact]
    public async Task The_configuration_selects_the_broker()
    {
        await using var server = await RedisServer.Start();
        var settings = new Dictionary<string, string?> { ["Millrace:Redis:Address"] = server.Address };
        await new TransportSelectionChecks("redis", choices => choices.AddRedis(), settings).Run();
    }

    [RedisFact]
    public async Task Redis_is_found_by_the_name_of_its_transport()
    {
        await using var server = await RedisServer.Start();
        var settings = new Dictionary<string, string?>
        {
            ["Millrace:Messaging:redis:Address"] = server.Address,
        };
        await new TransportSelectionChecks("redis", choices => choices.AddRedis(), settings).Run();
    }

    [Fact]
    public async Task Two_settings_with_different_addresses_are_refused()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Millrace:Messaging:redis:Address"] = "here:1",
            ["Millrace:Redis:Address"] = "there:1",
        };
        await new TransportSelectionChecks("redis", choices => choices.AddRedis(), settings).RefuseTwoAddresses(
            "Millrace:Redis:Address");
    }
}
