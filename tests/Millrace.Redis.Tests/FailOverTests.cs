using Millrace.Testing;

namespace Millrace.Redis.Tests;

/// <summary>
/// Tests a server that becomes the replica of another server and continues to answer. From then on, its address leads
/// to the other server, like a host name that always points to the primary server.
/// </summary>
public sealed class FailOverTests
{
    private const string CountRoleCommands =
        "EVAL \"return redis.call('INFO', 'commandstats'):find('cmdstat_role') and 1 or 0\" 0";

    private static readonly CancellationToken Cancel = CancellationToken.None;
    // Long, because other tests and builds share the processor.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(1);

    [RedisFact]
    public async Task Messages_are_sent_to_the_new_primary_while_the_old_one_keeps_its_connections()
    {
        await using var first = await RedisServer.Start();
        await using var second = await RedisServer.Start();
        await using var proxy = new TcpProxy(first.Port);
        await using var transport = new RedisTransport(Options(proxy), TimeProvider.System);
        Assert.True((await Publish(transport, "1")).IsConfirmed);

        await FailOver(first, second, proxy);

        await Eventually.Get(() => Publish(transport, "2"), static outcome => outcome.IsConfirmed, WaitTimeout);
        Assert.Equal(":1", await second.Ask("XLEN orders"));
    }

    [RedisFact]
    public async Task Locks_are_acquired_at_the_new_primary()
    {
        await using var first = await RedisServer.Start();
        await using var second = await RedisServer.Start();
        await using var proxy = new TcpProxy(first.Port);
        await using var locks = new RedisLocks(Options(proxy), TimeProvider.System);
        Assert.True(await RetriedCalls.TryTake(locks, "stock", Cancel));

        await FailOver(first, second, proxy);

        await Eventually.Get(
            () => RetriedCalls.TryTake(locks, "orders", Cancel), static isTaken => isTaken, WaitTimeout);
    }

    /// <summary>The subscriber checks the role repeatedly. The first check has completed before the failover.</summary>
    [RedisFact]
    public async Task A_channel_subscriber_moves_to_the_new_server_and_gets_a_gap()
    {
        await using var first = await RedisServer.Start();
        await using var second = await RedisServer.Start();
        await using var proxy = new TcpProxy(first.Port);
        await using var channels = new RedisChannels(Options(proxy), TimeProvider.System);
        await using var subscription = channels.Subscribe("stock");
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var notices = subscription.Read(limit.Token).GetAsyncEnumerator();
        Assert.True(await notices.MoveNextAsync());
        await Eventually.Get(() => first.Ask(CountRoleCommands), static calls => calls == ":1", WaitTimeout);

        await FailOver(first, second, proxy);

        // The first server, as a replica, receives the message too, but does not count as a listener.
        await Eventually.Get(
            () => second.Ask("PUBLISH stock moving"), static listeners => listeners == ":1", WaitTimeout);
        do
            Assert.True(await notices.MoveNextAsync());
        while (!notices.Current.IsGap);
        Assert.Equal(":1", await second.Ask("PUBLISH stock moved"));
        do
            Assert.True(await notices.MoveNextAsync());
        while (!notices.Current.Body.Span.SequenceEqual("moved"u8));
    }

    [RedisFact]
    public async Task A_channel_message_is_received_at_the_new_server()
    {
        await using var first = await RedisServer.Start();
        await using var second = await RedisServer.Start();
        await using var proxy = new TcpProxy(first.Port);
        await using var speaker = new RedisChannels(Options(proxy), TimeProvider.System);
        await using var listener = new RedisChannels(
            new RedisOptions { Address = second.Address }, TimeProvider.System);
        await using var subscription = listener.Subscribe("stock");
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var notices = subscription.Read(limit.Token).GetAsyncEnumerator();
        Assert.True(await notices.MoveNextAsync());
        Assert.Equal(0, await speaker.Publish("stock", "first"u8.ToArray(), Cancel));

        await FailOver(first, second, proxy);

        Assert.Equal(1, await speaker.Publish("stock", "second"u8.ToArray(), Cancel));
        Assert.True(await notices.MoveNextAsync());
        Assert.Equal("second"u8.ToArray(), notices.Current.Body.ToArray());
    }

    /// <summary>
    /// Subscribers of the primary server would not receive the message and would not notice that they missed it.
    /// </summary>
    [RedisFact]
    public async Task A_message_to_a_replica_is_not_confirmed()
    {
        await using var first = await RedisServer.Start();
        await using var second = await RedisServer.Start();
        await using var channels = new RedisChannels(new RedisOptions { Address = first.Address }, TimeProvider.System);
        Assert.Equal(0, await channels.Publish("stock", default, Cancel));
        Assert.Equal("+OK", await first.Ask($"REPLICAOF 127.0.0.1 {second.Port}"));

        var unavailable = await Assert.ThrowsAsync<TransportUnavailableException>(() =>
            channels.Publish("stock", default, Cancel));

        Assert.Contains("replica", unavailable.Message, StringComparison.Ordinal);
        Assert.Equal("+OK", await first.Ask("REPLICAOF NO ONE"));
        Assert.Equal(0, await channels.Publish("stock", default, Cancel));
    }

    [RedisFact]
    public async Task Channels_work_without_the_permission_to_read_the_role_of_the_server()
    {
        await using var server = await RedisServer.Start(
            "--user", "shop", "on", ">secret", "&*", "-@all", "+publish", "+subscribe", "+unsubscribe", "+ping");
        await using var channels = new RedisChannels(
            new RedisOptions { Address = $"redis://shop:secret@127.0.0.1:{server.Port}" }, TimeProvider.System);
        await using var subscription = channels.Subscribe("stock");
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var notices = subscription.Read(limit.Token).GetAsyncEnumerator();
        Assert.True(await notices.MoveNextAsync());

        for (var i = 1; i <= 2; i++)
        {
            Assert.Equal(1, await channels.Publish("stock", new[] { (byte)i }, Cancel));
            Assert.True(await notices.MoveNextAsync());
            Assert.Equal([(byte)i], notices.Current.Body.ToArray());
        }
    }

    private static RedisOptions Options(TcpProxy proxy) => new() { Address = $"redis://127.0.0.1:{proxy.Port}" };

    private static async Task FailOver(RedisServer first, RedisServer second, TcpProxy proxy)
    {
        proxy.ForwardTo(second.Port);
        Assert.Equal("+OK", await first.Ask($"REPLICAOF 127.0.0.1 {second.Port}"));
    }

    private static async Task<PublishOutcome> Publish(RedisTransport transport, string id)
    {
        var message = new Message { Id = id, Type = "order.placed", Subject = "order-1", Body = "{}"u8.ToArray() };
        return (await transport.Publish([new OutgoingMessage("orders", message)], Cancel)).Single();
    }
}
