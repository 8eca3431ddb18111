using System.Globalization;
using Millrace.Testing;

namespace Millrace.Redis.Tests;

/// <summary>Tests messages that are confirmed only when a replica has them, with a real replica.</summary>
public sealed class RedisReplicaTests
{
    private const string Stream = "orders";

    private static readonly CancellationToken Cancel = CancellationToken.None;
    private static readonly TimeSpan LongTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ShortTimeout = TimeSpan.FromSeconds(2); // Of an attempt that must fail.
    // Long, because other tests and builds share the processor.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    [RedisFact]
    public async Task A_confirmed_message_is_on_the_replica()
    {
        await using var first = await RedisServer.Start("--repl-diskless-sync-delay", "0");
        await using var second = await ReplicaOf(first);
        await using var transport = Transport(first, replicas: 1);
        // The replica first copies the existing data.
        await Eventually.Get(() => Publish(transport, 1), static outcome => outcome.IsConfirmed, WaitTimeout);
        var before = await LengthOn(second);

        for (var number = 2; number <= 50; number++)
        {
            Assert.True((await Publish(transport, number)).IsConfirmed);
            Assert.Equal(before + number - 1, await LengthOn(second));
        }
    }

    /// <summary>A publisher sends two batches at a time, and the replica may still copy the first one.</summary>
    [RedisFact]
    public async Task A_publisher_waits_for_a_replica_that_is_slightly_behind()
    {
        await using var first = await RedisServer.Start("--repl-diskless-sync-delay", "0");
        await using var second = await ReplicaOf(first);
        await using var transport = Transport(first, replicas: 1);
        await Eventually.Get(() => Publish(transport, 1), static outcome => outcome.IsConfirmed, WaitTimeout);

        var sleeping = second.Ask("DEBUG SLEEP 2");
        var outcomes = await Task.WhenAll(Enumerable.Range(2, 5).Select(number => Publish(transport, number)));
        await sleeping;

        Assert.All(outcomes, static outcome => Assert.True(outcome.IsConfirmed, outcome.Problem));
    }

    [RedisFact]
    public async Task Without_replicas_no_message_is_confirmed_or_added_repeatedly()
    {
        await using var first = await RedisServer.Start("--repl-diskless-sync-delay", "0");
        await using var second = await ReplicaOf(first);
        await using var transport = Transport(first, replicas: 1, ShortTimeout);
        await using var plain = Transport(first, replicas: 0);
        await Eventually.Get(() => Publish(transport, 1), static outcome => outcome.IsConfirmed, WaitTimeout);

        await second.Crash();
        await Eventually.Get(
            () => Publish(transport, 2), static outcome => HasProblem(outcome, "but only 0 are in sync"), WaitTimeout);
        var length = await LengthOn(first);
        for (var attempt = 0; attempt < 3; attempt++)
            Assert.Equal(PublishResult.Unconfirmed, (await Publish(transport, 2)).Result);
        Assert.Equal(length, await LengthOn(first));
        Assert.True((await Publish(plain, 3)).IsConfirmed); // A publisher without required replicas continues.

        await second.Restart();
        await Eventually.Get(() => Publish(transport, 2), static outcome => outcome.IsConfirmed, WaitTimeout);
        await Eventually.Get(
            async () => await LengthOn(first) - await LengthOn(second), static behind => behind == 0, WaitTimeout);
    }

    [RedisFact]
    public async Task No_message_is_confirmed_if_more_replicas_are_required_than_exist()
    {
        await using var first = await RedisServer.Start("--repl-diskless-sync-delay", "0");
        await using var second = await ReplicaOf(first);
        await using var withOneReplica = Transport(first, replicas: 1);
        await using var withTwoReplicas = Transport(first, replicas: 2, ShortTimeout);
        await Eventually.Get(() => Publish(withOneReplica, 1), static outcome => outcome.IsConfirmed, WaitTimeout);

        var outcome = await Eventually.Get(
            () => Publish(withTwoReplicas, 2),
            static outcome => HasProblem(outcome, "2 replicas must have published messages, but only 1 are in sync"),
            WaitTimeout);

        Assert.Equal(PublishResult.Unconfirmed, outcome.Result);
    }

    private static Task<RedisServer> ReplicaOf(RedisServer first) =>
        RedisServer.Start(
            "--replicaof",
            "127.0.0.1",
            first.Port.ToString(CultureInfo.InvariantCulture),
            "--enable-debug-command",
            "yes");

    private static RedisTransport Transport(RedisServer server, int replicas, TimeSpan? answerTimeout = null) =>
        new(
            new RedisOptions
            {
                Address = server.Address,
                Replicas = replicas,
                AnswerTimeout = answerTimeout ?? LongTimeout,
            },
            TimeProvider.System);

    private static bool HasProblem(PublishOutcome outcome, string text) =>
        outcome.Problem?.Contains(text, StringComparison.Ordinal) == true;

    private static async Task<PublishOutcome> Publish(RedisTransport transport, int number)
    {
        var message = new Message
        {
            Id = $"{number}",
            Type = "order.placed",
            Subject = "order-1",
            Body = "{}"u8.ToArray(),
        };
        try
        {
            return (await transport.Publish([new OutgoingMessage(Stream, message)], Cancel)).Single();
        }
        catch (TransportUnavailableException exception)
        {
            return PublishOutcome.Unconfirmed(exception.Message); // No message was published.
        }
    }

    private static async Task<int> LengthOn(RedisServer server) =>
        int.Parse((await server.Ask($"XLEN {Stream}"))[1..], CultureInfo.InvariantCulture);
}
