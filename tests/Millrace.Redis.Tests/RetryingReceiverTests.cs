using System.Text;
using Millrace.Testing;

namespace Millrace.Redis.Tests;

/// <summary>Tests messages that a receiver postpones or queues behind others, on a real server.</summary>
public sealed class RetryingReceiverTests
{
    // Long, because other tests and builds share the processor.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(2); // After the later messages of the key are queued.
    // The permissions that the how-to page lists.
    private static readonly string[] Role = (
        "-@all +xadd +xgroup +xreadgroup +xack +xautoclaim +xclaim +xpending +eval +get +set +del +type +ping +select "
            + "+client|id +client|unblock +zadd +zrem +zscore +zmscore +zrange +zrangebyscore +zrangebylex +zlexcount "
            + "+hset +hget +hdel +hlen +hkeys +incr +time").Split(' ');

    private static readonly Subscription Billing = new("billing", "orders")
    {
        Retries = new RetryLimits(1_000, 10_000),
    };

    [RedisFact]
    public async Task A_postponed_message_is_delivered_unchanged_with_the_messages_behind_it()
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var server = await RedisServer.Start();
        await using var transport = await Transport(server, limit.Token);
        await using var receiver = (IRetryingReceiver)await transport.Receive(Billing, limit.Token);
        await Publish(transport, 3, limit.Token);
        var (first, second, third) = await TakeThree(receiver, limit.Token);

        await receiver.Postpone(first, Later, "It failed.", limit.Token);
        Assert.True(receiver.MustWait(second));
        Assert.True(await receiver.Enqueue(second, limit.Token));
        Assert.True(await receiver.Enqueue(third, limit.Token));
        await receiver.Acknowledge([first, second, third], limit.Token); // The retry queue still has them.
        var again = await TakeThree(receiver, limit.Token);

        Assert.Equal((1, 0, 0), (again.First.Attempts, again.Second.Attempts, again.Third.Attempts));
        Assert.True(again.First.MayBeRepeated);
        Assert.Equal(first.Message.Body.ToArray(), again.First.Message.Body.ToArray());
        var (message, repeated) = (first.Message, again.First.Message);
        Assert.Equal(
            (message.Id, message.Type, message.Source, message.Subject),
            (repeated.Id, repeated.Type, repeated.Source, repeated.Subject));
        Assert.Equal((message.Time, message.ContentType), (repeated.Time, repeated.ContentType));
        Assert.Equal(first.Message.Headers, again.First.Message.Headers);
        Assert.Equal("*4", await server.Ask("XPENDING orders billing"));
        Assert.Equal(":3", await server.Ask("HLEN {orders}:billing:retry:items"));
        await receiver.Acknowledge([again.First, again.Second, again.Third], limit.Token);
        Assert.Equal(":0", await server.Ask("HLEN {orders}:billing:retry:items"));
        Assert.Equal(0, receiver.Waiting);
    }

    [RedisFact]
    public async Task Messages_before_a_repeated_failure_are_handled_and_messages_behind_it_wait()
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var server = await RedisServer.Start();
        await using var transport = await Transport(server, limit.Token);
        await using var receiver = (IRetryingReceiver)await transport.Receive(Billing, limit.Token);
        await Publish(transport, 3, limit.Token);
        var (first, second, third) = await TakeThree(receiver, limit.Token);
        await receiver.Postpone(first, Later, "It failed.", limit.Token);
        await receiver.Enqueue(second, limit.Token);
        await receiver.Enqueue(third, limit.Token);
        var again = await TakeThree(receiver, limit.Token);

        Assert.False(receiver.MustWait(again.Second));
        await receiver.Postpone(again.Second, Soon, "It failed as well.", limit.Token);
        Assert.True(receiver.MustWait(again.Third));
        Assert.True(await receiver.Enqueue(again.Third, limit.Token));
        await receiver.Acknowledge([again.First, again.Second, again.Third], limit.Token);

        var remaining = await Take(receiver, 2, limit.Token);
        Assert.Equal(
            [("2", 1), ("3", 0)], remaining.Select(static delivery => (delivery.Message.Id, delivery.Attempts)));
        Assert.Equal(":1", await server.Ask("HLEN {orders}:billing:retry:notes"));
    }

    [RedisFact]
    public async Task A_message_of_a_key_without_waiting_messages_is_handled()
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var server = await RedisServer.Start();
        await using var transport = await Transport(server, limit.Token);
        await using var receiver = (IRetryingReceiver)await transport.Receive(Billing, limit.Token);
        await Publish(transport, 2, limit.Token);
        var deliveries = await Take(receiver, 2, limit.Token);
        await receiver.Postpone(deliveries[0], Soon, "It failed.", limit.Token);
        var again = await Take(receiver, 1, limit.Token);
        await receiver.Acknowledge(again, limit.Token);

        Assert.False(await receiver.Enqueue(deliveries[1], limit.Token));
        Assert.False(receiver.MustWait(deliveries[1]));
        await receiver.Acknowledge([deliveries[1]], limit.Token);
        Assert.Equal("*4", await server.Ask("XPENDING orders billing"));
    }

    [RedisFact]
    public async Task The_key_of_a_silent_shared_node_is_delivered_to_another_after_its_lease()
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var server = await RedisServer.Start();
        await using var proxy = new TcpProxy(server.Port);
        await using var first = await Transport(server, limit.Token, proxy.Port, isShared: true);
        await using var second = await Transport(server, limit.Token, isShared: true);
        await using var silent = (IRetryingReceiver)await first.Receive(Billing, limit.Token);
        await Publish(first, 1, limit.Token);
        await silent.Postpone((await Take(silent, 1, limit.Token))[0], Soon, "It failed.", limit.Token);
        Assert.Single(await Take(silent, 1, limit.Token)); // Leased.
        await using var successor = (IRetryingReceiver)await second.Receive(Billing, limit.Token);
        using (var brief = new CancellationTokenSource(TimeSpan.FromSeconds(4))) // Twice the lease.
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => successor.Take(1, brief.Token).AsTask());

        proxy.Silence();

        Assert.Equal(1, (await Take(successor, 1, limit.Token))[0].Attempts);
    }

    [RedisFact]
    public async Task The_keys_of_a_closed_shared_node_are_delivered_to_another_immediately()
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var server = await RedisServer.Start();
        await using var transport = await Transport(
            server, limit.Token, isShared: true, takeOverAfter: TimeSpan.FromHours(1));
        await using (var first = (IRetryingReceiver)await transport.Receive(Billing, limit.Token))
        {
            await Publish(transport, 1, limit.Token);
            await first.Postpone((await Take(first, 1, limit.Token))[0], Soon, "It failed.", limit.Token);
            Assert.Single(await Take(first, 1, limit.Token)); // Leased.
        }

        await using var second = (IRetryingReceiver)await transport.Receive(Billing, limit.Token);

        Assert.Equal(1, (await Take(second, 1, limit.Token))[0].Attempts);
    }

    [RedisFact]
    public async Task After_a_lost_connection_a_sole_receiver_gets_its_messages_again_immediately()
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var server = await RedisServer.Start();
        await using var proxy = new TcpProxy(server.Port);
        await using var transport = await Transport(
            server, limit.Token, proxy.Port, takeOverAfter: TimeSpan.FromHours(1));
        await using (var first = (IRetryingReceiver)await transport.Receive(Billing, limit.Token))
        {
            await Publish(transport, 1, limit.Token);
            await first.Postpone((await Take(first, 1, limit.Token))[0], Soon, "It failed.", limit.Token);
            Assert.Single(await Take(first, 1, limit.Token)); // Leased.
            proxy.Cut();
        }
        proxy.Restore();

        await using var second = (IRetryingReceiver)await transport.Receive(Billing, limit.Token);

        Assert.Equal(1, (await Take(second, 1, limit.Token))[0].Attempts);
    }

    [RedisFact]
    public async Task New_messages_and_due_retries_are_both_delivered_under_load()
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var server = await RedisServer.Start();
        await using var transport = await Transport(server, limit.Token);
        await Publish(transport, 40, limit.Token, ofOneKey: false);
        await using (var before = (IRetryingReceiver)await transport.Receive(Billing, limit.Token))
        {
            foreach (var delivery in await Take(before, 20, limit.Token))
                await before.Postpone(delivery, Soon, "It failed.", limit.Token);
        }
        await using var receiver = (IRetryingReceiver)await transport.Receive(Billing, limit.Token);
        await Take(receiver, 1, limit.Token); // The receiver is now the holder of the group.
        await Eventually.Get(
            () => server.Ask("HLEN {orders}:billing:retry:owners"), static leased => leased == ":20", WaitTimeout);

        var received = await Take(receiver, 16, limit.Token, maxPerCall: 1);
        received.AddRange(await Take(receiver, 8, limit.Token, maxPerCall: 8));

        Assert.InRange(received.Count(static delivery => delivery.Attempts == 0), 8, 16);
        Assert.InRange(received.Count(static delivery => delivery.Attempts == 1), 8, 16);
    }

    [RedisFact]
    public async Task A_manually_removed_message_does_not_block_its_key()
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var server = await RedisServer.Start();
        await using var transport = await Transport(server, limit.Token);
        await using var receiver = (IRetryingReceiver)await transport.Receive(Billing, limit.Token);
        await Publish(transport, 2, limit.Token, ofOneKey: false);
        var deliveries = await Take(receiver, 2, limit.Token);
        await receiver.Postpone(deliveries[0], Later, "It failed.", limit.Token);
        Assert.Equal(":1", await server.Ask("DEL {orders}:billing:retry:items"));
        await receiver.Postpone(deliveries[1], Soon, "It failed.", limit.Token);

        var again = await Take(receiver, 1, limit.Token);
        await receiver.Acknowledge(again, limit.Token);

        Assert.Equal(deliveries[1].Message.Id, again[0].Message.Id);
        await Eventually.Get(
            () => server.Ask("ZCARD {orders}:billing:retry:due"), static keys => keys == ":0", WaitTimeout);
        Assert.Equal(":0", await server.Ask("ZCARD {orders}:billing:retry:order"));
    }

    [RedisFact]
    public async Task A_waiting_receiver_that_lost_the_group_reports_the_loss_and_the_next_one_continues()
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var server = await RedisServer.Start();
        await using var transport = await Transport(server, limit.Token);
        await Publish(transport, 2, limit.Token, ofOneKey: false);
        await using (
            var full = (IRetryingReceiver)
                await transport.Receive(Billing with { Retries = new RetryLimits(1, 1) }, limit.Token))
        {
            await full.Postpone(
                (await Take(full, 1, limit.Token))[0], TimeSpan.FromHours(1), "It failed.", limit.Token);
            Assert.NotNull(full.StallReason);

            Assert.Equal("+OK", await server.Ask("SET {orders}:billing:holder another"));

            var lost = await Assert.ThrowsAsync<TransportUnavailableException>(
                () => full.Take(1, limit.Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), limit.Token));
            Assert.Contains("'billing' now belongs to another node", lost.Message, StringComparison.Ordinal);
        }
        Assert.Equal(":1", await server.Ask("DEL {orders}:billing:holder")); // It still belongs to the other node.

        await using var next = await transport.Receive(Billing, limit.Token);
        Assert.Equal("2", (await Take(next, 1, limit.Token))[0].Message.Id);
    }

    [Theory]
    [InlineData("{shop}:")]
    [InlineData("a}b")]
    public async Task A_key_prefix_that_separates_the_slots_of_stream_and_retries_is_refused(string prefix)
    {
        await using var transport = new RedisTransport(new RedisOptions { KeyPrefix = prefix }, TimeProvider.System);

        var refused = await Assert.ThrowsAsync<TransportRefusedException>(
            () => transport.Receive(Billing, CancellationToken.None).AsTask());

        Assert.Contains($"'{prefix}orders'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("KeyPrefix", refused.Message, StringComparison.Ordinal);
    }

    [RedisFact]
    public async Task All_keys_are_in_one_cluster_slot_and_the_documented_permissions_suffice()
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var server = await RedisServer.Start([
            "--cluster-enabled",
            "yes",
            "--cluster-port",
            $"{FreePorts.Take()}",
            "--user",
            "shop",
            "on",
            ">secret",
            "~*",
            "&*",
            .. Role,
        ]);
        Assert.Equal("+OK", await server.Ask("CLUSTER ADDSLOTSRANGE 0 16383"));
        await Eventually.Get(() => server.Ask("SET ready yes"), static answer => answer == "+OK", WaitTimeout);
        await using var transport = await Transport(server, limit.Token, user: "shop:secret@");
        var receiver = (IRetryingReceiver)await transport.Receive(Billing, limit.Token);
        await Publish(transport, 2, limit.Token);
        var deliveries = await Take(receiver, 2, limit.Token);

        await receiver.Postpone(deliveries[0], Later, "It failed.", limit.Token);
        await receiver.Enqueue(deliveries[1], limit.Token);
        var again = await Take(receiver, 2, limit.Token);
        await receiver.Postpone(again[0], Soon, "It failed.", limit.Token);
        again = await Take(receiver, 2, limit.Token);
        await receiver.DisposeAsync(); // Releases the keys.
        receiver = (IRetryingReceiver)await transport.Receive(Billing, limit.Token);
        await using (receiver)
        {
            again = await Take(receiver, 2, limit.Token);
            await receiver.Acknowledge(again, limit.Token);
        }

        Assert.Equal([("1", 2), ("2", 0)], again.Select(static delivery => (delivery.Message.Id, delivery.Attempts)));
        Assert.Equal(":0", await server.Ask("EXISTS {orders}:billing:retry:items"));
    }

    private static async Task<RedisTransport> Transport(
        RedisServer server,
        CancellationToken cancellationToken,
        int? port = null,
        bool isShared = false,
        string user = "",
        TimeSpan? takeOverAfter = null)
    {
        var options = new RedisOptions
        {
            Address = $"redis://{user}127.0.0.1:{port ?? server.Port}",
            SharesSubscriptions = isShared,
            TakeOverAfter = takeOverAfter ?? TimeSpan.FromSeconds(2),
        };
        var transport = new RedisTransport(options, TimeProvider.System);
        await transport.Declare(new TransportTopology(["orders"], [Billing]), cancellationToken);
        return transport;
    }

    private static async Task Publish(
        RedisTransport transport, int count, CancellationToken cancellationToken, bool ofOneKey = true)
    {
        for (var id = 1; id <= count; id++)
        {
            var message = new Message
            {
                Id = $"{id}",
                Type = "order.placed",
                Source = "shop",
                Subject = $"order-{(ofOneKey ? 7 : id)}",
                Time = DateTimeOffset.UnixEpoch,
                Headers = new Dictionary<string, string> { ["colour"] = "blau, grün" },
                Body = Encoding.UTF8.GetBytes($"\0\r\n{id}ß"),
                ContentType = "application/octet-stream",
            };
            Assert.True(
                (await transport.Publish([new OutgoingMessage("orders", message)], cancellationToken))
                    .Single()
                    .IsConfirmed);
        }
    }

    private static async Task<(Delivery First, Delivery Second, Delivery Third)> TakeThree(
        IReceiver receiver, CancellationToken cancellationToken) =>
        await Take(receiver, 3, cancellationToken) is [var first, var second, var third]
            ? (first, second, third)
            : throw new InvalidOperationException("The receiver must return three messages.");

    private static async Task<List<Delivery>> Take(
        IReceiver receiver, int count, CancellationToken cancellationToken, int maxPerCall = int.MaxValue)
    {
        var received = new List<Delivery>();
        while (received.Count < count)
            received.AddRange(await receiver.Take(Math.Min(maxPerCall, count - received.Count), cancellationToken));
        return received;
    }
}
