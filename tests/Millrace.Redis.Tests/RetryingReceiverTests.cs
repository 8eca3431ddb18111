using System.Text;
using Millrace.Testing;

namespace Millrace.Redis.Tests;

/// <summary>What is put off and put behind over a line, on a real server.</summary>
public sealed class RetryingReceiverTests
{
    // Other tests and builds share the processor.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(2); // When those behind it have joined.
    // What the how-to tells a role to have.
    private static readonly string[] Role = (
        "-@all +xadd +xgroup +xreadgroup +xack +xautoclaim +xclaim +xpending +eval +get +set +del +type +ping +select "
            + "+client|id +client|unblock +zadd +zrem +zscore +zmscore +zrange +zrangebyscore +zrangebylex +zlexcount "
            + "+hset +hget +hdel +hlen +hkeys +incr +time").Split(' ');

    private static readonly Subscription BillingService = new("billing", "orders")
    {
        Retries = new RetryLimits(1_000, 10_000),
    };

    [RedisFact]
    public async Task A_postponed_message_returns_unchanged_with_those_behind_it()
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var server = await RedisServer.Start();
        await using var transport = await Transport(server, limit.Token);
        await using var receiver = (IRetryingReceiver)await transport.Receive(BillingService, limit.Token);
        await Publish(transport, 3, limit.Token);
        var (first, second, third) = await TakeThree(receiver, limit.Token);

        await receiver.PutOff(first, Later, "It failed.", limit.Token);
        Assert.True(receiver.Waits(second));
        Assert.True(await receiver.PutBehind(second, limit.Token));
        Assert.True(await receiver.PutBehind(third, limit.Token));
        await receiver.Acknowledge([first, second, third], limit.Token); // They are kept all the same.
        var again = await TakeThree(receiver, limit.Token);

        Assert.Equal((1, 0, 0), (again.First.Attempts, again.Second.Attempts, again.Third.Attempts));
        Assert.True(again.First.MayBeRepeated);
        Assert.Equal(first.Message.Body.ToArray(), again.First.Message.Body.ToArray());
        var (said, saidAgain) = (first.Message, again.First.Message);
        Assert.Equal(
            (said.Id, said.Type, said.Source, said.Subject),
            (saidAgain.Id, saidAgain.Type, saidAgain.Source, saidAgain.Subject));
        Assert.Equal((said.Time, said.ContentType), (saidAgain.Time, saidAgain.ContentType));
        Assert.Equal(first.Message.Headers, again.First.Message.Headers);
        Assert.Equal("*4", await server.Ask("XPENDING orders billing"));
        Assert.Equal(":3", await server.Ask("HLEN {orders}:billing:retry:items"));
        await receiver.Acknowledge([again.First, again.Second, again.Third], limit.Token);
        Assert.Equal(":0", await server.Ask("HLEN {orders}:billing:retry:items"));
        Assert.Equal(0, receiver.Waiting);
    }

    [RedisFact]
    public async Task Of_a_key_that_is_tried_again_those_before_the_one_that_fails_are_done_and_those_behind_it_wait()
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var server = await RedisServer.Start();
        await using var transport = await Transport(server, limit.Token);
        await using var receiver = (IRetryingReceiver)await transport.Receive(BillingService, limit.Token);
        await Publish(transport, 3, limit.Token);
        var (first, second, third) = await TakeThree(receiver, limit.Token);
        await receiver.PutOff(first, Later, "It failed.", limit.Token);
        await receiver.PutBehind(second, limit.Token);
        await receiver.PutBehind(third, limit.Token);
        var again = await TakeThree(receiver, limit.Token);

        Assert.False(receiver.Waits(again.Second));
        await receiver.PutOff(again.Second, Soon, "It failed as well.", limit.Token);
        Assert.True(receiver.Waits(again.Third));
        Assert.True(await receiver.PutBehind(again.Third, limit.Token));
        await receiver.Acknowledge([again.First, again.Second, again.Third], limit.Token);

        var rest = await Take(receiver, 2, limit.Token);
        Assert.Equal([("2", 1), ("3", 0)], rest.Select(static one => (one.Message.Id, one.Attempts)));
        Assert.Equal(":1", await server.Ask("HLEN {orders}:billing:retry:notes"));
    }

    [RedisFact]
    public async Task Who_comes_behind_a_key_of_which_nothing_waits_any_more_is_to_be_handled()
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var server = await RedisServer.Start();
        await using var transport = await Transport(server, limit.Token);
        await using var receiver = (IRetryingReceiver)await transport.Receive(BillingService, limit.Token);
        await Publish(transport, 2, limit.Token);
        var both = await Take(receiver, 2, limit.Token);
        await receiver.PutOff(both[0], Soon, "It failed.", limit.Token);
        var again = await Take(receiver, 1, limit.Token);
        await receiver.Acknowledge(again, limit.Token);

        Assert.False(await receiver.PutBehind(both[1], limit.Token));
        Assert.False(receiver.Waits(both[1]));
        await receiver.Acknowledge([both[1]], limit.Token);
        Assert.Equal("*4", await server.Ask("XPENDING orders billing"));
    }

    [RedisFact]
    public async Task A_key_that_a_shared_node_had_in_hand_and_that_fell_silent_comes_to_another_after_its_lease()
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var server = await RedisServer.Start();
        await using var line = new TcpProxy(server.Port);
        await using var first = await Transport(server, limit.Token, line.Port, isShared: true);
        await using var second = await Transport(server, limit.Token, isShared: true);
        await using var silent = (IRetryingReceiver)await first.Receive(BillingService, limit.Token);
        await Publish(first, 1, limit.Token);
        await silent.PutOff((await Take(silent, 1, limit.Token))[0], Soon, "It failed.", limit.Token);
        Assert.Single(await Take(silent, 1, limit.Token)); // Leased.
        await using var heir = (IRetryingReceiver)await second.Receive(BillingService, limit.Token);
        using (var brief = new CancellationTokenSource(TimeSpan.FromSeconds(4))) // Twice the lease: it is renewed.
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => heir.Take(1, brief.Token).AsTask());

        line.Silence();

        Assert.Equal(1, (await Take(heir, 1, limit.Token))[0].Attempts);
    }

    [RedisFact]
    public async Task What_a_shared_node_had_in_hand_when_it_closed_comes_to_another_at_once()
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var server = await RedisServer.Start();
        await using var transport = await Transport(
            server, limit.Token, isShared: true, takeOverAfter: TimeSpan.FromHours(1));
        await using (var first = (IRetryingReceiver)await transport.Receive(BillingService, limit.Token))
        {
            await Publish(transport, 1, limit.Token);
            await first.PutOff((await Take(first, 1, limit.Token))[0], Soon, "It failed.", limit.Token);
            Assert.Single(await Take(first, 1, limit.Token)); // Leased.
        }

        await using var second = (IRetryingReceiver)await transport.Receive(BillingService, limit.Token);

        Assert.Equal(1, (await Take(second, 1, limit.Token))[0].Attempts);
    }

    [RedisFact]
    public async Task What_was_in_hand_when_the_line_broke_comes_at_once_to_who_has_the_group_alone()
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var server = await RedisServer.Start();
        await using var line = new TcpProxy(server.Port);
        await using var transport = await Transport(
            server, limit.Token, line.Port, takeOverAfter: TimeSpan.FromHours(1));
        await using (var first = (IRetryingReceiver)await transport.Receive(BillingService, limit.Token))
        {
            await Publish(transport, 1, limit.Token);
            await first.PutOff((await Take(first, 1, limit.Token))[0], Soon, "It failed.", limit.Token);
            Assert.Single(await Take(first, 1, limit.Token)); // Leased.
            line.Cut();
        }
        line.Restore();

        await using var second = (IRetryingReceiver)await transport.Receive(BillingService, limit.Token);

        Assert.Equal(1, (await Take(second, 1, limit.Token))[0].Attempts);
    }

    [RedisFact]
    public async Task What_is_new_comes_also_while_more_is_due_than_can_be_taken_and_the_other_way_round()
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var server = await RedisServer.Start();
        await using var transport = await Transport(server, limit.Token);
        await Publish(transport, 40, limit.Token, ofOneKey: false);
        await using (var before = (IRetryingReceiver)await transport.Receive(BillingService, limit.Token))
        {
            foreach (var delivery in await Take(before, 20, limit.Token))
                await before.PutOff(delivery, Soon, "It failed.", limit.Token);
        }
        await using var receiver = (IRetryingReceiver)await transport.Receive(BillingService, limit.Token);
        await Take(receiver, 1, limit.Token); // It has the group.
        await Eventually.Is(
            () => server.Ask("HLEN {orders}:billing:retry:owners"), static leased => leased == ":20", WaitTimeout);

        var taken = await Take(receiver, 16, limit.Token, atOnce: 1);
        taken.AddRange(await Take(receiver, 8, limit.Token, atOnce: 8));

        Assert.InRange(taken.Count(static one => one.Attempts == 0), 8, 16);
        Assert.InRange(taken.Count(static one => one.Attempts == 1), 8, 16);
    }

    [RedisFact]
    public async Task A_manually_removed_message_blocks_nothing()
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var server = await RedisServer.Start();
        await using var transport = await Transport(server, limit.Token);
        await using var receiver = (IRetryingReceiver)await transport.Receive(BillingService, limit.Token);
        await Publish(transport, 2, limit.Token, ofOneKey: false);
        var both = await Take(receiver, 2, limit.Token);
        await receiver.PutOff(both[0], Later, "It failed.", limit.Token);
        Assert.Equal(":1", await server.Ask("DEL {orders}:billing:retry:items"));
        await receiver.PutOff(both[1], Soon, "It failed.", limit.Token);

        var again = await Take(receiver, 1, limit.Token);
        await receiver.Acknowledge(again, limit.Token);

        Assert.Equal(both[1].Message.Id, again[0].Message.Id);
        await Eventually.Is(
            () => server.Ask("ZCARD {orders}:billing:retry:due"), static keys => keys == ":0", WaitTimeout);
        Assert.Equal(":0", await server.Ask("ZCARD {orders}:billing:retry:order"));
    }

    [RedisFact]
    public async Task A_waiting_receiver_that_lost_the_group_reports_it_and_the_next_continues()
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var server = await RedisServer.Start();
        await using var transport = await Transport(server, limit.Token);
        await Publish(transport, 2, limit.Token, ofOneKey: false);
        await using (
            var full = (IRetryingReceiver)
                await transport.Receive(BillingService with { Retries = new RetryLimits(1, 1) }, limit.Token))
        {
            await full.PutOff((await Take(full, 1, limit.Token))[0], TimeSpan.FromHours(1), "It failed.", limit.Token);
            Assert.NotNull(full.Stall);

            Assert.Equal("+OK", await server.Ask("SET {orders}:billing:holder another"));

            var lost = await Assert.ThrowsAsync<TransportUnavailableException>(
                () => full.Take(1, limit.Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), limit.Token));
            Assert.Contains("'billing' now belongs to another node", lost.Message, StringComparison.Ordinal);
        }
        Assert.Equal(":1", await server.Ask("DEL {orders}:billing:holder")); // It left the other's alone.

        await using var next = await transport.Receive(BillingService, limit.Token);
        Assert.Equal("2", (await Take(next, 1, limit.Token))[0].Message.Id);
    }

    [Theory]
    [InlineData("{shop}:")]
    [InlineData("a}b")]
    public async Task A_prefix_that_puts_the_stream_into_another_slot_than_its_retries_is_refused(string prefix)
    {
        await using var transport = new RedisTransport(new RedisOptions { KeyPrefix = prefix }, TimeProvider.System);

        var refused = await Assert.ThrowsAsync<TransportRefusedException>(
            () => transport.Receive(BillingService, CancellationToken.None).AsTask());

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
        await Eventually.Is(() => server.Ask("SET there yes"), static answer => answer == "+OK", WaitTimeout);
        await using var transport = await Transport(server, limit.Token, user: "shop:secret@");
        var receiver = (IRetryingReceiver)await transport.Receive(BillingService, limit.Token);
        await Publish(transport, 2, limit.Token);
        var both = await Take(receiver, 2, limit.Token);

        await receiver.PutOff(both[0], Later, "It failed.", limit.Token);
        await receiver.PutBehind(both[1], limit.Token);
        var again = await Take(receiver, 2, limit.Token);
        await receiver.PutOff(again[0], Soon, "It failed.", limit.Token);
        again = await Take(receiver, 2, limit.Token);
        await receiver.DisposeAsync(); // Hands them over.
        receiver = (IRetryingReceiver)await transport.Receive(BillingService, limit.Token);
        await using (receiver)
        {
            again = await Take(receiver, 2, limit.Token);
            await receiver.Acknowledge(again, limit.Token);
        }

        Assert.Equal([("1", 2), ("2", 0)], again.Select(static one => (one.Message.Id, one.Attempts)));
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
        await transport.Declare(new TransportTopology(["orders"], [BillingService]), cancellationToken);
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
            : throw new InvalidOperationException("There are three.");

    private static async Task<List<Delivery>> Take(
        IReceiver receiver, int count, CancellationToken cancellationToken, int atOnce = int.MaxValue)
    {
        var taken = new List<Delivery>();
        while (taken.Count < count)
            taken.AddRange(await receiver.Take(Math.Min(atOnce, count - taken.Count), cancellationToken));
        return taken;
    }
}
