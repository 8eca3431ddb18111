using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Redis.Tests;

/// <summary>From the log to another service, over a real server.</summary>
public sealed class PublishToRedisTests
{
    private const string Publisher = "publish.redis";

    private static readonly CancellationToken Cancel = CancellationToken.None;
    // Other tests and builds share the processor.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    [RedisFact]
    public async Task Nothing_is_lost_and_streams_keep_their_order_when_the_server_is_killed_in_flight()
    {
        await using var server = await RedisServer.Start();
        await using var receiving = Transport(server);
        var subscription = new Subscription("shipping", "orders");
        await receiving.Declare(new TransportTopology(["orders"], [subscription]), Cancel);
        await using var node = await Node.Start(millrace => millrace.UseRedis(
            server.Address,
            redis => redis.PublishAll("orders").Configure(options => options.BatchMessages = 50)));

        var appending = Task.WhenAll(Enumerable.Range(0, 20).Select(async order =>
        {
            for (var total = 1; total <= 50; total++)
                await node.Store.Place($"{order}", total);
        }));
        for (var kill = 0; kill < 3; kill++)
        {
            var seen = await Lag(node);
            await Eventually.Is(() => Lag(node), lag => lag != seen || lag == 0, WaitTimeout); // It is at work.
            await server.Crash();
            await server.Restart();
        }
        await appending;
        await Eventually.Is(node.Consumers, Publisher, static status => status.LagEvents == 0, WaitTimeout);

        var firsts = await FirstsOf(receiving, subscription, 1_000);
        Assert.All(firsts.GroupBy(one => one.Key), own => Assert.Equal(
            Enumerable.Range(1, 50).Select(total => $$"""{"order":"{{own.Key[6..]}}","total":{{total}}}"""),
            own.Select(one => System.Text.Encoding.UTF8.GetString(one.Body.Span))));
        Assert.Equal(0, await node.DeadLetters.Count(new DeadLetterQuery()));
    }

    [RedisFact]
    public async Task A_server_that_is_away_at_the_start_is_waited_for()
    {
        await using var server = await RedisServer.Start();
        await server.Crash();
        await using var node = await Node.Start(
            millrace => millrace.UseRedis("redis://nowhere.invalid", redis => redis.PublishAll("orders")),
            settings: new Dictionary<string, string?> { ["Millrace:Redis:Address"] = server.Address });
        await node.Store.Place("7");
        await Eventually.Holds(() => node.Transports.List().Single().State == TransportState.Unavailable);

        await server.Restart();
        await Eventually.Is(node.Consumers, Publisher, static status => status.LagEvents == 0, WaitTimeout);

        await using var receiving = Transport(server);
        var subscription = new Subscription("shipping", "orders");
        await receiving.Declare(new TransportTopology(["orders"], [subscription]), Cancel);
        Assert.Equal("order-7", (await FirstsOf(receiving, subscription, 1)).Single().Key);
    }

    private static RedisTransport Transport(RedisServer server) =>
        new(
            new RedisOptions { Address = server.Address, AnswerTimeout = TimeSpan.FromSeconds(20) },
            TimeProvider.System);

    private static async Task<long> Lag(Node node) => (await node.Consumers.Get(Publisher)).LagEvents;

    /// <summary>The messages in the order in which each first came: a publisher may send one twice.</summary>
    private static async Task<List<Message>> FirstsOf(RedisTransport transport, Subscription subscription, int count)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var receiver = await transport.Receive(subscription, limit.Token);
        var firsts = new List<Message>();
        var seen = new HashSet<string>();
        while (firsts.Count < count)
        {
            var some = await receiver.Take(200, limit.Token);
            await receiver.Acknowledge(some, limit.Token);
            firsts.AddRange(some.Select(one => one.Message).Where(one => seen.Add(one.Id)));
        }
        return firsts;
    }
}
