using System.Text;
using Millrace.Testing;

namespace Millrace.Redis.Tests;

/// <summary>Tests streams, locks and channels on a Redis Cluster whose masters are killed.</summary>
public sealed class RedisClusterTests(OwnCluster own) : IClassFixture<OwnCluster>
{
    private static readonly CancellationToken Cancel = CancellationToken.None;

    private RedisCluster Cluster => own.Cluster;

    /// <summary>With the settings of the how-to page, a confirmed message is on at least one replica.</summary>
    [RedisFact]
    public async Task A_killed_master_loses_no_replicated_message_and_causes_only_transient_errors()
    {
        string[] streams = [.. Enumerable.Range(1, 12).Select(number => $"kill-{number}")];
        await using var checks = new FailOverChecks(Options(replicas: 1));
        await checks.Start(streams, Cancel);
        var master = (await Cluster.MasterOf(streams[0]))!;

        await master.Crash();
        await Eventually.Get(
            () => Cluster.MasterOf(streams[0], without: master),
            server => server is not null && server != master,
            FailOverChecks.WaitTimeout);
        await master.Restart();
        await checks.WaitForMore(streams, Cancel);
        await checks.Stop();

        Assert.Empty(checks.Refused);
        Assert.Empty(await checks.Missing(streams, Cancel));
        await Cluster.WaitUntilWhole();
    }

    /// <summary>Uses the setting with which Redis serves the remaining slots.</summary>
    [RedisFact]
    public async Task Streams_of_other_masters_continue_while_one_master_is_unavailable()
    {
        string[] streams = [.. Enumerable.Range(1, 12).Select(number => $"other-{number}")];
        await using var checks = new FailOverChecks(Options());
        await checks.Start(streams, Cancel);
        var master = (await Cluster.MasterOf(streams[0]))!;
        var availableStreams = new List<string>();
        foreach (var stream in streams)
        {
            if (await Cluster.MasterOf(stream) != master)
                availableStreams.Add(stream);
        }
        await SetOnAll("cluster-require-full-coverage no");
        await SetOnAll("cluster-replica-no-failover yes");

        await master.Crash();
        for (var round = 0; round < 3; round++)
            await checks.WaitForMore(availableStreams, Cancel);
        await master.Restart();
        await checks.WaitForMore(streams, Cancel);
        await checks.Stop();

        Assert.Empty(checks.Refused);
        await SetOnAll("cluster-replica-no-failover no");
        await Cluster.WaitUntilWhole();
    }

    [RedisFact]
    public async Task Publishers_and_receivers_follow_streams_to_another_master()
    {
        string[] streams = [.. Enumerable.Range(1, 6).Select(number => $"moving-{number}")];
        await using var checks = new FailOverChecks(Options());
        await checks.Start(streams, Cancel);
        await using var transport = new RedisTransport(Options(), TimeProvider.System);
        var receiver = await transport.Receive(new Subscription("all", streams[0]), Cancel);
        var master = (await Cluster.MasterOf(streams[0]))!;
        var replica = await Cluster.ReplicaOf(master);

        Assert.Equal("+OK", await replica.Ask("CLUSTER FAILOVER"));
        await Assert.ThrowsAsync<TransportUnavailableException>(async () =>
        {
            while (true)
                await receiver.Acknowledge(await receiver.Take(100, Cancel), Cancel);
        });
        await receiver.DisposeAsync();
        await checks.WaitForMore(streams, Cancel);
        await checks.Stop();

        await Eventually.Get(
            () => Cluster.MasterOf(streams[0]), server => server == replica, FailOverChecks.WaitTimeout);
        Assert.Empty(checks.Refused);
        await Cluster.WaitUntilWhole();
    }

    [RedisFact]
    public async Task A_receiver_follows_its_stream_to_the_new_master()
    {
        await using var transport = new RedisTransport(Options(), TimeProvider.System);
        var subscription = new Subscription("all", "followed");
        await transport.Declare(new TransportTopology(["followed"], [subscription]), Cancel);
        var receiver = await transport.Receive(subscription, Cancel);
        await Publish(transport, "followed", "1");
        Assert.Equal("1", (await receiver.Take(1, Cancel)).Single().Message.Id);
        var master = (await Cluster.MasterOf("followed"))!;

        await master.Crash();
        await Assert.ThrowsAsync<TransportUnavailableException>(() => receiver.Take(1, Cancel).AsTask());
        await receiver.DisposeAsync();
        var next = await Eventually.Get(
            () => RetriedCalls.TryReceive(transport, subscription, Cancel),
            created => created is not null,
            FailOverChecks.WaitTimeout);
        await Eventually.Get(
            () => Publish(transport, "followed", "2"), confirmed => confirmed, FailOverChecks.WaitTimeout);

        // The first message was not acknowledged, so it is delivered again.
        var deliveries = new List<Delivery>();
        while (!deliveries.Exists(delivery => delivery.Message.Id == "2"))
            deliveries.AddRange(await next!.Take(10, Cancel));
        await next!.Acknowledge(deliveries, Cancel);
        await next.DisposeAsync();
        await master.Restart();
        await Cluster.WaitUntilWhole();
    }

    [RedisFact]
    public async Task Retries_wait_on_the_node_of_their_stream()
    {
        await using var transport = new RedisTransport(Options(), TimeProvider.System);
        var subscription = new Subscription("mailer", "retried") { Retries = new RetryLimits(10, 100) };
        await transport.Declare(new TransportTopology(["retried"], [subscription]), Cancel);
        await using var receiver = (IRetryingReceiver)await transport.Receive(subscription, Cancel);
        await Publish(transport, "retried", "1");
        var first = (await receiver.Take(1, Cancel)).Single();

        await receiver.Postpone(first, TimeSpan.FromMilliseconds(100), "not now", Cancel);
        var repeated = (await receiver.Take(1, Cancel)).Single();
        await receiver.Acknowledge([repeated], Cancel);

        Assert.Equal("1", repeated.Message.Id);
        Assert.Equal(0, receiver.Waiting);
    }

    [RedisFact]
    public async Task A_stream_key_with_a_brace_is_refused_because_its_other_keys_would_be_on_another_node()
    {
        await using var transport = new RedisTransport(Options(), TimeProvider.System);
        var subscription = new Subscription("all", "{shop}orders");
        await transport.Declare(new TransportTopology(["{shop}orders"], [subscription]), Cancel);

        var refused = await Assert.ThrowsAsync<TransportRefusedException>(() =>
            transport.Receive(subscription, Cancel).AsTask());

        Assert.Contains("must not contain '}' on a cluster", refused.Message, StringComparison.Ordinal);
    }

    [RedisFact]
    public async Task The_two_keys_of_a_lock_are_on_one_node_for_any_name()
    {
        await using var locks = new RedisLocks(Options(), TimeProvider.System);
        string[] names = ["stock:7", "{a}", "a}b", "{}", "{a", "%7D", "}", "a%7Db", "stock:7:token"];

        foreach (var name in names)
        {
            var response = await locks.TryTake(name, "ada", TimeSpan.FromMinutes(1), Cancel);
            Assert.True(response.IsTaken, name);
            Assert.Equal(1, response.Token); // Each lock name has its own keys.
            Assert.True(await locks.Renew(name, "ada", response.Token, TimeSpan.FromMinutes(1), Cancel));
        }
        foreach (var name in names)
            Assert.True(await locks.Release(name, "ada", 1, Cancel), name);
    }

    [RedisFact]
    public async Task Locks_are_acquired_at_the_new_master()
    {
        await using var locks = new RedisLocks(Options(), TimeProvider.System);
        Assert.True((await locks.TryTake("moved", "ada", TimeSpan.FromMinutes(5), Cancel)).IsTaken);
        var master = (await Cluster.MasterOf("{moved}"))!;

        await master.Crash();
        var answer = await Eventually.Get(
            () => RetriedCalls.TryTake(locks, "later", Cancel), isTaken => isTaken, FailOverChecks.WaitTimeout);
        await Eventually.Get(
            () => RetriedCalls.TryTake(locks, "{moved}", Cancel), isTaken => isTaken, FailOverChecks.WaitTimeout);
        await master.Restart();

        Assert.True(answer);
        await Cluster.WaitUntilWhole();
    }

    [RedisFact]
    public async Task A_channel_message_is_received_on_every_node()
    {
        await using var speaker = new RedisChannels(Options(), TimeProvider.System);
        await using var listener = new RedisChannels(
            new RedisOptions { Address = Cluster.Servers[5].Address }, TimeProvider.System); // A replica.
        await using var subscription = listener.Subscribe("stock");
        using var limit = new CancellationTokenSource(FailOverChecks.WaitTimeout);
        await using var notices = subscription.Read(limit.Token).GetAsyncEnumerator();
        Assert.True(await notices.MoveNextAsync());

        await speaker.Publish("stock", Encoding.UTF8.GetBytes("7"), Cancel);

        Assert.True(await notices.MoveNextAsync());
        Assert.Equal("7"u8.ToArray(), notices.Current.Body.ToArray());
    }

    private async Task SetOnAll(string setting)
    {
        foreach (var server in Cluster.Servers)
            Assert.Equal("+OK", await server.Ask($"CONFIG SET {setting}"));
    }

    private RedisOptions Options(int replicas = 0) => new()
    {
        Address = Cluster.Address,
        Replicas = replicas,
        TakeOverAfter = TimeSpan.FromSeconds(3),
        AnswerTimeout = TimeSpan.FromSeconds(5),
    };

    private static async Task<bool> Publish(RedisTransport transport, string stream, string id)
    {
        var message = new Message { Id = id, Type = "order.placed", Subject = "order-1", Body = "{}"u8.ToArray() };
        try
        {
            return (await transport.Publish([new OutgoingMessage(stream, message)], Cancel)).Single().IsConfirmed;
        }
        catch (TransportUnavailableException)
        {
            return false;
        }
    }
}
