using System.Collections.Concurrent;
using Millrace.Testing;

namespace Millrace.Caching.Tests;

/// <summary>
/// Three nodes with random writes and queries, and a Redis that comes and goes: no answer is older than its token, and
/// none stays old.
/// </summary>
public sealed class ThreeNodesTests
{
    private const int Parcels = 4;
    private const int Clients = 6;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(1.5);

    private readonly ConcurrentQueue<(string Parcel, long Position)> _moves = new();
    private readonly ConcurrentDictionary<AnswerSource, int> _sources = new();
    private ConsistencyToken _last;

    private static AnswerSource[] Sources { get; } = Enum.GetValues<AnswerSource>();

    [RedisFact]
    public async Task No_answer_is_older_than_its_token_or_stays_old()
    {
        var seed = Environment.TickCount;
        await using var redis = await RedisServer.Start();
        using var store = await SharedStore.Create(SharedStore.All[^1]);
        var starting = Enumerable.Range(0, 3).Select(_ => Node.Start(store.Open(), redis.Address));
        var nodes = await Task.WhenAll(starting);
        try
        {
            using var stop = new CancellationTokenSource();
            var clients = Enumerable
                .Range(0, Clients)
                .Select(i => Task.Run(() => RunClient(nodes, seed + i, stop.Token)));
            var running = Task.WhenAll([.. clients, Interrupt(redis, new Random(seed), stop.Token)]);
            using var duration = new CancellationTokenSource(Duration);
            // On a busy machine, Redis may answer too late for a while.
            await Eventually.Until(
                () => running.IsCompleted || (duration.IsCancellationRequested && _sources.Count == Sources.Length),
                Node.WaitTimeout,
                CancellationToken.None);
            await stop.CancelAsync();
            await running;
            await CheckSettled(nodes);
            await CheckLastMoves(nodes);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"Seed {seed}: {exception.Message}", exception);
        }
        finally
        {
            foreach (var node in nodes)
                await node.DisposeAsync();
        }
        Assert.All(Sources, source => Assert.NotEqual(0, _sources.GetValueOrDefault(source)));
    }

    private async Task RunClient(Node[] nodes, int seed, CancellationToken stop)
    {
        var random = new Random(seed);
        while (!stop.IsCancellationRequested)
        {
            var node = nodes[random.Next(nodes.Length)];
            var parcel = $"{random.Next(Parcels)}";
            if (random.Next(20) == 0)
                _last = await Move(node, parcel);
            else
                await Ask(node, parcel, random.Next(3) == 0 ? _last : default);
        }
    }

    private async Task<ConsistencyToken> Move(Node node, string parcel)
    {
        var token = await node.Move(parcel, "hall");
        _moves.Enqueue((parcel, token.Position));
        return token;
    }

    private async Task Ask(Node node, string parcel, ConsistencyToken token)
    {
        var expected = _moves.Count(move => move.Parcel == parcel && move.Position <= token.Position);
        var answer = await node.Ask(new GetParcel(parcel), token);
        _sources.AddOrUpdate(answer.Source, 1, static (_, count) => count + 1);
        if (!token.IsNone)
            Assert.True(answer.Freshness.IsFresh, $"The answer is {answer.Freshness}.");
        Assert.InRange(answer.Value?.Moves ?? 0, expected, int.MaxValue);
        Assert.InRange(answer.Reflects.Position, token.Position, long.MaxValue);
    }

    /// <summary>Stops, suspends and restarts Redis, and leaves it running.</summary>
    private async Task Interrupt(RedisServer redis, Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await WaitForAnswers(random.Next(100, 1_000), stop);
            if (random.Next(2) == 0)
            {
                await redis.Suspend();
                await WaitForAnswers(random.Next(10, 500), stop);
                await redis.Resume();
            }
            else
            {
                await redis.Crash();
                await WaitForAnswers(random.Next(10, 500), stop);
                await redis.Restart();
            }
        }
    }

    private Task WaitForAnswers(int count, CancellationToken stop)
    {
        var target = _sources.Values.Sum() + count;
        return Eventually.Until(
            () => _sources.Values.Sum() >= target || stop.IsCancellationRequested,
            Node.WaitTimeout,
            CancellationToken.None); // The condition ends at the stop.
    }

    /// <summary>Without further writes, every answer soon contains all of them, also without a token.</summary>
    private async Task CheckSettled(Node[] nodes)
    {
        for (var i = 0; i < Parcels; i++)
        {
            var parcel = $"{i}";
            var moves = _moves.Count(move => move.Parcel == parcel);
            foreach (var node in nodes)
                await Eventually.Get(
                    () => node.Ask(new GetParcel(parcel)),
                    answer => (answer.Value?.Moves ?? 0) == moves,
                    TimeSpan.FromSeconds(20)); // The expiry is 5 minutes.
        }
    }

    /// <summary>A move invalidates the answers in the memory of all nodes, without any query with its token.</summary>
    private async Task CheckLastMoves(Node[] nodes)
    {
        for (var i = 0; i < Parcels; i++)
        {
            foreach (var node in nodes)
                await node.AskUntilCached(new GetParcel($"{i}"));
            await Move(nodes[i % nodes.Length], $"{i}");
        }
        await CheckSettled(nodes);
    }
}
