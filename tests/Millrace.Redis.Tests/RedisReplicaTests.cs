using System.Globalization;
using Millrace.Testing;

namespace Millrace.Redis.Tests;

/// <summary>Messages that count as confirmed when a replica has them, with a server that copies another.</summary>
public sealed class RedisReplicaTests
{
    private const string Stream = "orders";

    private static readonly CancellationToken Cancel = CancellationToken.None;
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(2); // So long an attempt takes that must fail.
    // Other tests and builds share the processor.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    [RedisFact]
    public async Task What_is_confirmed_is_on_the_replica()
    {
        await using var first = await RedisServer.Start("--repl-diskless-sync-delay", "0");
        await using var second = await ReplicaOf(first);
        await using var transport = Transport(first, replicas: 1);
        // It copies what there is first.
        await Eventually.Is(() => Publish(transport, 1), static outcome => outcome.IsConfirmed, WaitTimeout);
        var before = await LengthOn(second);

        for (var number = 2; number <= 50; number++)
        {
            Assert.True((await Publish(transport, number)).IsConfirmed);
            Assert.Equal(before + number - 1, await LengthOn(second));
        }
    }

    /// <summary>A publisher has two batches under way: the second finds the replica behind with the first.</summary>
    [RedisFact]
    public async Task A_replica_that_is_a_moment_behind_is_waited_for()
    {
        await using var first = await RedisServer.Start("--repl-diskless-sync-delay", "0");
        await using var second = await ReplicaOf(first);
        await using var transport = Transport(first, replicas: 1);
        await Eventually.Is(() => Publish(transport, 1), static outcome => outcome.IsConfirmed, WaitTimeout);

        var sleeping = second.Ask("DEBUG SLEEP 2");
        var outcomes = await Task.WhenAll(Enumerable.Range(2, 5).Select(number => Publish(transport, number)));
        await sleeping;

        Assert.All(outcomes, static outcome => Assert.True(outcome.IsConfirmed, outcome.Problem));
    }

    [RedisFact]
    public async Task Without_its_replicas_nothing_is_confirmed_nor_added_again_and_again()
    {
        await using var first = await RedisServer.Start("--repl-diskless-sync-delay", "0");
        await using var second = await ReplicaOf(first);
        await using var transport = Transport(first, replicas: 1, Short);
        await using var plain = Transport(first, replicas: 0);
        await Eventually.Is(() => Publish(transport, 1), static outcome => outcome.IsConfirmed, WaitTimeout);

        await second.Crash();
        await Eventually.Is(
            () => Publish(transport, 2), static outcome => HasProblem(outcome, "but only 0 are in sync"), WaitTimeout);
        var length = await LengthOn(first);
        for (var attempt = 0; attempt < 3; attempt++)
            Assert.Equal(PublishResult.Unconfirmed, (await Publish(transport, 2)).Result);
        Assert.Equal(length, await LengthOn(first));
        Assert.True((await Publish(plain, 3)).IsConfirmed); // A publisher that asks for no replicas continues.

        await second.Restart();
        await Eventually.Is(() => Publish(transport, 2), static outcome => outcome.IsConfirmed, WaitTimeout);
        await Eventually.Is(
            async () => await LengthOn(first) - await LengthOn(second), static behind => behind == 0, WaitTimeout);
    }

    [RedisFact]
    public async Task More_replicas_than_there_are_confirm_nothing()
    {
        await using var first = await RedisServer.Start("--repl-diskless-sync-delay", "0");
        await using var second = await ReplicaOf(first);
        await using var one = Transport(first, replicas: 1);
        await using var two = Transport(first, replicas: 2, Short);
        await Eventually.Is(() => Publish(one, 1), static outcome => outcome.IsConfirmed, WaitTimeout);

        var outcome = await Eventually.Is(
            () => Publish(two, 2),
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
                AnswerTimeout = answerTimeout ?? Long,
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
            return PublishOutcome.Unconfirmed(exception.Message); // Nothing was published.
        }
    }

    private static async Task<int> LengthOn(RedisServer server) =>
        int.Parse((await server.Ask($"XLEN {Stream}"))[1..], CultureInfo.InvariantCulture);
}
