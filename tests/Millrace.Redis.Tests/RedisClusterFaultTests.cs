using System.Diagnostics;
using Millrace.Redis.Client;
using Millrace.Testing;
using StackExchange.Redis;

namespace Millrace.Redis.Tests;

/// <summary>Tests publishers, receivers and locks on a Redis Cluster whose nodes hang or lose connections.</summary>
public sealed class RedisClusterFaultTests(OwnCluster own) : IClassFixture<OwnCluster>
{
    private static readonly CancellationToken Cancel = CancellationToken.None;
    private static readonly TimeSpan NodeTimeout = TimeSpan.FromSeconds(2);

    private static readonly byte[] Body = [.. "\""u8, .. Enumerable.Repeat((byte)'x', 1_000), .. "\""u8];

    private RedisCluster Cluster => own.Cluster;

    /// <summary>
    /// While a master is not connected, the client library selects another master. The replicas of that master do not
    /// have the message.
    /// </summary>
    [RedisFact]
    public async Task No_message_is_confirmed_without_a_replica_while_connections_break()
    {
        await using var transport = new RedisTransport(
            Options(replicas: 1, TimeSpan.FromSeconds(1)), TimeProvider.System);
        await Eventually.Get(() => Publish(transport, "broken", 1), Confirmed(1), FailOverChecks.WaitTimeout);
        var master = (await Cluster.MasterOf("broken"))!;
        var replica = await Cluster.ReplicaOf(master);

        await replica.Suspend();
        var confirmed = 0;
        using (var limit = new CancellationTokenSource(TimeSpan.FromSeconds(12)))
        {
            var cutting = CutConnections(master, limit.Token);
            while (!limit.IsCancellationRequested)
                confirmed += (await Publish(transport, "broken", 2_000)).Count(outcome => outcome.IsConfirmed);
            await cutting;
        }
        await replica.Resume();

        Assert.Equal(0, confirmed);
        await Eventually.Get(() => Publish(transport, "broken", 10), Confirmed(10), FailOverChecks.WaitTimeout);
        await Cluster.WaitUntilWhole();
    }

    [RedisFact]
    public async Task A_connection_to_a_node_that_the_library_replaces_is_counted()
    {
        var options = Options(replicas: 0, TimeSpan.FromSeconds(5));
        await using var connection = await new RedisConnector(options, TimeProvider.System).Connect(Cancel);
        var node = (await connection.ServerOf("counted", options.AnswerTimeout, Cancel)).EndPoint;
        var count = connection.ConnectCount(node);

        await (await Cluster.MasterOf("counted"))!.CutConnections();
        await Eventually.Get(
            () => Task.FromResult(connection.ConnectCount(node)), now => now > count, FailOverChecks.WaitTimeout);

        Assert.True(count > 0);
    }

    [RedisFact]
    public async Task Streams_of_other_masters_are_confirmed_while_one_master_has_no_replica()
    {
        await using var transport = new RedisTransport(
            Options(replicas: 1, TimeSpan.FromSeconds(3)), TimeProvider.System);
        string[] streams = [.. Enumerable.Range(1, 12).Select(number => $"lane-{number}")];
        await Eventually.Get(() => Publish(transport, streams), Confirmed(streams.Length), FailOverChecks.WaitTimeout);
        var master = (await Cluster.MasterOf(streams[0]))!;
        var replica = await Cluster.ReplicaOf(master);
        var isOfMaster = new List<bool>();
        foreach (var stream in streams)
            isOfMaster.Add(await Cluster.MasterOf(stream) == master);

        await replica.Crash();
        await Eventually.Get(
            () => Publish(transport, streams),
            outcomes => outcomes.Any(outcome => !outcome.IsConfirmed),
            FailOverChecks.WaitTimeout);
        var outcomes = await Publish(transport, streams);
        await replica.Restart();

        Assert.Contains(false, isOfMaster);
        Assert.Equal(isOfMaster, outcomes.Select(outcome => !outcome.IsConfirmed));
        Assert.All(
            outcomes.Where(outcome => !outcome.IsConfirmed),
            outcome => Assert.Contains("only 0 are in sync", outcome.Problem, StringComparison.Ordinal));
        await Cluster.WaitUntilWhole();
    }

    [RedisFact]
    public async Task Messages_of_other_masters_are_confirmed_in_a_batch_that_a_missing_master_fails_in_part()
    {
        await using var transport = new RedisTransport(
            Options(replicas: 0, TimeSpan.FromSeconds(5)), TimeProvider.System);
        var streams = Enumerable.Range(1, 12).Select(number => $"part-{number}").ToList();
        await Eventually.Get(() => Publish(transport, streams), Confirmed(streams.Count), FailOverChecks.WaitTimeout);
        var master = (await Cluster.MasterOf(streams[0]))!;
        var available = new List<string>();
        foreach (var stream in streams)
        {
            if (await Cluster.MasterOf(stream) != master)
                available.Add(stream);
        }
        string[] missingFirst = [.. streams.Except(available), .. available];
        await SetOnAll("cluster-require-full-coverage no");
        await SetOnAll("cluster-replica-no-failover yes");

        await master.Crash();
        await Eventually.Get(
            () => Publish(transport, available), Confirmed(available.Count), FailOverChecks.WaitTimeout);
        var confirmed = new List<int>();
        for (var attempt = 0; attempt < 20; attempt++)
            confirmed.Add((await Publish(transport, missingFirst)).Count(outcome => outcome.IsConfirmed));
        await master.Restart();
        await SetOnAll("cluster-replica-no-failover no");

        Assert.All(confirmed, count => Assert.Equal(available.Count, count));
        await Cluster.WaitUntilWhole();
    }

    [RedisFact]
    public async Task Publishers_receivers_and_locks_continue_soon_after_a_master_hangs()
    {
        var answerTimeout = TimeSpan.FromSeconds(5);
        await using var transport = new RedisTransport(Options(replicas: 0, answerTimeout), TimeProvider.System);
        await using var locks = new RedisLocks(Options(replicas: 0, answerTimeout), TimeProvider.System);
        var subscription = new Subscription("all", "hanging");
        await transport.Declare(new TransportTopology(["hanging"], [subscription]), Cancel);
        await Eventually.Get(() => Publish(transport, "hanging", 20), Confirmed(20), FailOverChecks.WaitTimeout);
        Assert.True((await locks.TryTake("{hanging}1", "ada", TimeSpan.FromMinutes(5), Cancel)).IsTaken);
        var master = (await Cluster.MasterOf("hanging"))!;

        await master.Suspend();
        var started = Stopwatch.GetTimestamp();
        var publishing = Eventually.Get(
            () => Publish(transport, "hanging", 20), Confirmed(20), FailOverChecks.WaitTimeout);
        var locking = Eventually.Get(
            () => RetriedCalls.TryTake(locks, "{hanging}2", Cancel), isTaken => isTaken, FailOverChecks.WaitTimeout);
        await Eventually.Get(
            () => Cluster.MasterOf("hanging", without: master), server => server is not null && server != master,
            FailOverChecks.WaitTimeout);
        var failoverTime = Stopwatch.GetElapsedTime(started);
        await publishing;
        await locking;
        var publishTime = Stopwatch.GetElapsedTime(started);
        await using var receiver = await Eventually.Get(
            () => RetriedCalls.TryReceive(transport, subscription, Cancel),
            created => created is not null,
            FailOverChecks.WaitTimeout);
        Assert.NotEmpty(await receiver!.Take(1, Cancel));
        var receiveTime = Stopwatch.GetElapsedTime(started);
        await master.Resume();

        var maxTime = failoverTime + (2 * answerTimeout) + NodeTimeout;
        Assert.True(
            publishTime < maxTime,
            $"failover after {failoverTime}, published after {publishTime}, received after {receiveTime}");
        Assert.True(
            receiveTime < maxTime + answerTimeout, $"failover after {failoverTime}, received after {receiveTime}");
        await Cluster.WaitUntilWhole();
    }

    [RedisFact]
    public async Task A_key_without_a_master_that_can_be_selected_counts_as_a_lost_connection()
    {
        await using var server = await RedisServer.Start("--replicaof", "127.0.0.1", "1");
        var settings = new ConfigurationOptions { EndPoints = { { "127.0.0.1", server.Port } } };
        await using var connection = await RedisConnection.Open(
            settings, isCluster: true, FailOverChecks.WaitTimeout, TimeProvider.System, Cancel);

        var lost = Assert.Throws<RedisConnectionLostException>(() => connection.ServerOwning("orders"));

        Assert.Contains("'orders'", lost.Message, StringComparison.Ordinal);
    }

    private static Func<IReadOnlyList<PublishOutcome>, bool> Confirmed(int count) =>
        outcomes => outcomes.Count == count && outcomes.All(outcome => outcome.IsConfirmed);

    private RedisOptions Options(int replicas, TimeSpan answerTimeout) => new()
    {
        Address = Cluster.Address,
        Replicas = replicas,
        TakeOverAfter = TimeSpan.FromSeconds(3),
        AnswerTimeout = answerTimeout,
    };

    private async Task SetOnAll(string setting)
    {
        foreach (var server in Cluster.Servers)
            Assert.Equal("+OK", await server.Ask($"CONFIG SET {setting}"));
    }

    private static async Task CutConnections(RedisServer server, CancellationToken cancellationToken)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(60));
        while (!cancellationToken.IsCancellationRequested)
        {
            await server.CutConnections();
            await pause.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private static Task<IReadOnlyList<PublishOutcome>> Publish(RedisTransport transport, string stream, int count) =>
        Publish(transport, Enumerable.Range(1, count).Select(number => Outgoing(stream, $"order-{number}")));

    /// <summary>Publishes messages with the same key, which use the same connection.</summary>
    private static Task<IReadOnlyList<PublishOutcome>> Publish(RedisTransport transport, IEnumerable<string> streams) =>
        Publish(transport, streams.Select(stream => Outgoing(stream, "order-1")));

    private static async Task<IReadOnlyList<PublishOutcome>> Publish(
        RedisTransport transport, IEnumerable<OutgoingMessage> messages)
    {
        try
        {
            return await transport.Publish([.. messages], Cancel);
        }
        catch (TransportUnavailableException)
        {
            return [];
        }
    }

    private static OutgoingMessage Outgoing(string stream, string subject) => new(
        stream, new Message { Id = subject, Type = "order.placed", Subject = subject, Body = Body });
}
