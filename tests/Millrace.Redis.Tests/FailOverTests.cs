using Millrace.Testing;

namespace Millrace.Redis.Tests;

/// <summary>
/// A server that is made the replica of another and continues answering, while its address leads to the other from then
/// on: as a name or an address that moves with the server that takes writes.
/// </summary>
public sealed class FailOverTests
{
    private const string AskedForRole =
        "EVAL \"return redis.call('INFO', 'commandstats'):find('cmdstat_role') and 1 or 0\" 0";

    private static readonly CancellationToken Cancel = CancellationToken.None;
    // Other tests and builds share the processor.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(1);

    [RedisFact]
    public async Task Messages_go_to_the_server_that_takes_over_though_the_one_before_keeps_its_connections()
    {
        await using var first = await RedisServer.Start();
        await using var second = await RedisServer.Start();
        await using var line = new TcpProxy(first.Port);
        await using var transport = new RedisTransport(Options(line), TimeProvider.System);
        Assert.True((await Publish(transport, "1")).IsConfirmed);

        await FailOver(first, second, line);

        await Eventually.Is(() => Publish(transport, "2"), static outcome => outcome.IsConfirmed, WaitTimeout);
        Assert.Equal(":1", await second.Ask("XLEN orders"));
    }

    [RedisFact]
    public async Task Locks_are_taken_at_the_server_that_takes_over()
    {
        await using var first = await RedisServer.Start();
        await using var second = await RedisServer.Start();
        await using var line = new TcpProxy(first.Port);
        await using var locks = new RedisLocks(Options(line), TimeProvider.System);
        Assert.True(await RetriedCalls.TryTake(locks, "stock", Cancel));

        await FailOver(first, second, line);

        await Eventually.Is(() => RetriedCalls.TryTake(locks, "orders", Cancel), static taken => taken, WaitTimeout);
    }

    /// <summary>Which is found by looking again and again: the first look is over when the server becomes a
    /// replica.</summary>
    [RedisFact]
    public async Task A_channel_subscriber_moves_to_the_new_server_and_gets_a_gap()
    {
        await using var first = await RedisServer.Start();
        await using var second = await RedisServer.Start();
        await using var line = new TcpProxy(first.Port);
        await using var channels = new RedisChannels(Options(line), TimeProvider.System);
        await using var subscription = channels.Subscribe("stock");
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var notices = subscription.Read(limit.Token).GetAsyncEnumerator();
        Assert.True(await notices.MoveNextAsync());
        await Eventually.Is(() => first.Ask(AskedForRole), static asked => asked == ":1", WaitTimeout);

        await FailOver(first, second, line);

        // While the first is its replica it hears what the second says, but is no listener of it.
        await Eventually.Is(() => second.Ask("PUBLISH stock moving"), static heard => heard == ":1", WaitTimeout);
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
        await using var line = new TcpProxy(first.Port);
        await using var speaker = new RedisChannels(Options(line), TimeProvider.System);
        await using var listener = new RedisChannels(
            new RedisOptions { Address = second.Address }, TimeProvider.System);
        await using var subscription = listener.Subscribe("stock");
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var notices = subscription.Read(limit.Token).GetAsyncEnumerator();
        Assert.True(await notices.MoveNextAsync());
        Assert.Equal(0, await speaker.Publish("stock", "first"u8.ToArray(), Cancel));

        await FailOver(first, second, line);

        Assert.Equal(1, await speaker.Publish("stock", "second"u8.ToArray(), Cancel));
        Assert.True(await notices.MoveNextAsync());
        Assert.Equal("second"u8.ToArray(), notices.Current.Body.ToArray());
    }

    /// <summary>Nobody would hear it who listens at the server that takes writes, nor learn that something was
    /// missed.</summary>
    [RedisFact]
    public async Task A_message_to_a_replica_is_not_confirmed()
    {
        await using var first = await RedisServer.Start();
        await using var second = await RedisServer.Start();
        await using var channels = new RedisChannels(new RedisOptions { Address = first.Address }, TimeProvider.System);
        Assert.Equal(0, await channels.Publish("stock", default, Cancel));
        Assert.Equal("+OK", await first.Ask($"REPLICAOF 127.0.0.1 {second.Port}"));

        var away = await Assert.ThrowsAsync<TransportUnavailableException>(() =>
            channels.Publish("stock", default, Cancel));

        Assert.Contains("replica", away.Message, StringComparison.Ordinal);
        Assert.Equal("+OK", await first.Ask("REPLICAOF NO ONE"));
        Assert.Equal(0, await channels.Publish("stock", default, Cancel));
    }

    [RedisFact]
    public async Task Who_may_not_ask_for_a_servers_role_speaks_and_listens_all_the_same()
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

    private static RedisOptions Options(TcpProxy line) => new() { Address = $"redis://127.0.0.1:{line.Port}" };

    private static async Task FailOver(RedisServer first, RedisServer second, TcpProxy line)
    {
        line.ForwardTo(second.Port);
        Assert.Equal("+OK", await first.Ask($"REPLICAOF 127.0.0.1 {second.Port}"));
    }

    private static async Task<PublishOutcome> Publish(RedisTransport transport, string id)
    {
        var message = new Message { Id = id, Type = "order.placed", Subject = "order-1", Body = "{}"u8.ToArray() };
        return (await transport.Publish([new OutgoingMessage("orders", message)], Cancel)).Single();
    }
}
