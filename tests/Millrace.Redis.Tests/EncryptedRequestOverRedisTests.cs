using Millrace.Testing;

namespace Millrace.Redis.Tests;

/// <summary>Tests that a service without a handler encrypts the requests that it sends.</summary>
public sealed class EncryptedRequestOverRedisTests
{
    private const string Address = "MarkerStreet1815";
    private const string Code = "MarkerCode1843";

    private readonly Parcels _parcels = new();

    [RedisFact]
    public async Task A_service_that_only_sends_encrypts_the_marked_members_of_a_referenced_command()
    {
        await using var server = await RedisServer.Start();
        await using var service = await Node.Start(millrace =>
        {
            _parcels.UseKeys(millrace);
            millrace.AddModel(Parcels.Register).UseRedis(server.Address, redis => redis.Receive(
                Frontend.Destination, Frontend.Destination, static receiver => receiver.Answer<ShipParcel>()));
        });
        await Eventually.Until(() => service.Transports.List().Single().State == TransportState.Connected);
        await using var frontend = await Node.Start(millrace =>
        {
            _parcels.UseKeys(millrace);
            millrace
                .AddModel<Frontend>()
                .AddModel(static model => model.Json(ParcelJson.Default))
                .UseRedis(server.Address, Frontend.Connect);
        });

        var limit = new RequestOptions { Timeout = TimeSpan.FromMinutes(1) };
        var answer = await frontend.Requests.Send(new ShipParcel("7", Address, Code), limit);

        Assert.Equal(new ShippedParcel("7", Address), answer);
        foreach (var stream in (string[])[Frontend.Destination, "millrace.replies"])
        {
            var stored = string.Join('\n', await server.AskAll($"XRANGE {stream} - +"));
            Assert.Contains("millraceencrypted", stored, StringComparison.Ordinal);
            Assert.DoesNotContain(Address, stored, StringComparison.Ordinal);
            Assert.DoesNotContain(Code, stored, StringComparison.Ordinal);
        }
    }
}
