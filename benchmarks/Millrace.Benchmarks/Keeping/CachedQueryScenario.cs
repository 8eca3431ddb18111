using System.Globalization;
using Microsoft.Extensions.Caching.Memory;
using Millrace.Benchmarks.Harness;
using Millrace.Storage.InMemory;
using Millrace.Testing;
using Servers;
using StackExchange.Redis;
using ZiggyCreatures.Caching.Fusion;

namespace Millrace.Benchmarks.Keeping;

/// <summary>
/// Measures queries that are answered from the memory of the process, against FusionCache itself, and from Redis,
/// against one <c>GET</c>.
/// </summary>
internal sealed class CachedQueryScenario : IScenario
{
    private const int Answers = 1_000;
    private const string Process = "cached-query-process";
    private const string Shared = "cached-query-shared";

    public IReadOnlyList<string> Names { get; } = [Process, Shared];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var results = new List<BenchmarkResult> { await MeasureProcess(run) };
        if (RedisPrograms.ReasonToSkip is null)
            results.Add(await MeasureShared(run));
        return results;
    }

    private static async Task<BenchmarkResult> MeasureProcess(BenchmarkRun run)
    {
        var storage = new InMemoryStorage();
        await using var node = await CachingNode.Start(storage, redis: null);
        await node.AskAll(Answers);
        using var memory = new MemoryCache(new MemoryCacheOptions());
        using var raw = new FusionCache(new FusionCacheOptions(), memory);
        for (var i = 0; i < Answers; i++)
            await raw.SetAsync($"number:{i}", new Number(i));
        var repetitions = run.Sizes.LogEvents / Answers;
        var rounds = await PairedRounds.RunAlternating(
            run.Sizes.Rounds,
            _ => Round.Measure(() =>
            {
                for (var i = 0; i < repetitions * Answers; i++)
                {
                    if (!raw.TryGet<Number>($"number:{i % Answers}").HasValue)
                        throw new InvalidOperationException("FusionCache has lost an entry.");
                }
                return Task.FromResult<(long, Latencies?)>((repetitions * Answers, null));
            }),
            _ => Round.Measure(async () =>
            {
                for (var i = 0; i < repetitions; i++)
                    await node.AskAll(Answers, AnswerSource.ProcessCache);
                return (repetitions * Answers, null);
            }));
        return BenchmarkResult.OfRates(Process, "answers/s", rounds, goal: 0.1);
    }

    private static async Task<BenchmarkResult> MeasureShared(BenchmarkRun run)
    {
        await using var redis = await RedisServer.Start();
        var storage = new InMemoryStorage();
        await using (var first = await CachingNode.Start(storage, redis.Address))
        {
            await first.AskAll(Answers);
            await Eventually.Get(
                async () => int.Parse((await redis.Ask("DBSIZE"))[1..], CultureInfo.InvariantCulture),
                size => size >= Answers);
        }
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{redis.Port}");
        var database = connection.GetDatabase();
        for (var i = 0; i < Answers; i++)
            await database.StringSetAsync($"number:{i}", new byte[50]);
        var rounds = await PairedRounds.RunAlternating(
            run.Sizes.Rounds,
            _ => Round.Measure(async () =>
            {
                for (var i = 0; i < Answers; i++)
                    await database.StringGetAsync($"number:{i}");
                return (Answers, null);
            }),
            _ => Round.Measure(async begin =>
            {
                await using var node = await CachingNode.Start(storage, redis.Address);
                begin();
                await node.AskAll(Answers, AnswerSource.SharedCache);
                return (Answers, null);
            }));
        return BenchmarkResult.OfRates(Shared, "answers/s", rounds, goal: 0.3);
    }
}
