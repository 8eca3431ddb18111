using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Redis.Tests;

/// <summary>Tests publishing from the log to another service over a real Redis server.</summary>
public sealed class PublishToRedisTests
{
    private const string Publisher = "publish.redis";

    private static readonly CancellationToken Cancel = CancellationToken.None;
    // Long, because other tests and builds share the processor.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    [RedisFact]
    public async Task A_crash_of_the_server_loses_no_message_and_keeps_the_order_of_streams()
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
            var lagBefore = await Lag(node);
            // Waits until the publisher makes progress.
            await Eventually.Get(() => Lag(node), lag => lag != lagBefore || lag == 0, WaitTimeout);
            await server.Crash();
            await server.Restart();
        }
        await appending;
        await Eventually.Get(node.Consumers, Publisher, static status => status.LagEvents == 0, WaitTimeout);

        var firsts = await FirstsOf(receiving, subscription, 1_000);
        Assert.All(firsts.GroupBy(item => item.Key), ofKey => Assert.Equal(
            Enumerable.Range(1, 50).Select(total => $$"""{"order":"{{ofKey.Key[6..]}}","total":{{total}}}"""),
            ofKey.Select(item => System.Text.Encoding.UTF8.GetString(item.Body.Span))));
        Assert.Equal(0, await node.DeadLetters.Count(new DeadLetterQuery()));
    }

    [RedisFact]
    public async Task A_publisher_waits_for_a_server_that_is_unavailable_at_the_start()
    {
        await using var server = await RedisServer.Start();
        await server.Crash();
        await using var node = await Node.Start(
            millrace => millrace.UseRedis("redis://nowhere.invalid", redis => redis.PublishAll("orders")),
            settings: new Dictionary<string, string?> { ["Millrace:Redis:Address"] = server.Address });
        await node.Store.Place("7");
        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Unavailable);

        await server.Restart();
        await Eventually.Get(node.Consumers, Publisher, static status => status.LagEvents == 0, WaitTimeout);

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

    /// <summary>
    /// Returns the messages in the order of their first deliveries. A publisher may send a message twice.
    /// </summary>
    private static async Task<List<Message>> FirstsOf(RedisTransport transport, Subscription subscription, int count)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var receiver = await transport.Receive(subscription, limit.Token);
        var firsts = new List<Message>();
        var ids = new HashSet<string>();
        while (firsts.Count < count)
        {
            var some = await receiver.Take(200, limit.Token);
            await receiver.Acknowledge(some, limit.Token);
            firsts.AddRange(some.Select(item => item.Message).Where(item => ids.Add(item.Id)));
        }
        return firsts;
    }
}
