using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Scenarios;
using Npgsql;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>
/// Another event store on the same server beside Millrace, in turn: the same events, writers and expected versions, in a database of its
/// own. Its side runs in a process of its own.
/// </summary>
/// <param name="database">The server.</param>
/// <param name="peer">Which one.</param>
/// <param name="shape">The name of the load.</param>
/// <param name="writers">How many append at once.</param>
/// <param name="events">How many events an append has.</param>
/// <param name="appends">How many appends each writer does.</param>
/// <param name="goal">How many times faster Millrace should be.</param>
internal sealed class PeerScenario(
    BenchDatabase database, string peer, string shape, int writers, int events, Func<Sizes, int> appends, double goal)
    : IScenario
{
    private static string? _problem;
    private static bool _isFetched;

    public IReadOnlyList<string> Names { get; } = [$"{peer}-{shape}"];

    /// <summary>The peers in the shapes that are measured; the goals are what was seen of them before.</summary>
    public static IEnumerable<PeerScenario> All(BenchDatabase database)
    {
        foreach (var (peer, single, bulk, sequential) in ((string, double, double, double)[])
            [(PeerProgram.Marten, 8, 3, 1), ("message-db", 4.8, 3, 1), ("emmett", 14, 3, 2)])
        {
            yield return new PeerScenario(database, peer, "32x1", 32, 1, sizes => sizes.SingleAppends / 4, single);
            yield return new PeerScenario(database, peer, "8x100", 8, 100, sizes => sizes.BulkAppends / 2, bulk);
            yield return new PeerScenario(database, peer, "1x1", 1, 1, sizes => sizes.SequentialAppends / 4, sequential);
        }
    }

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        if (peer != PeerProgram.Marten && !_isFetched)
            (_isFetched, _problem) = (true, await PeerProgram.Fetch());
        if (peer != PeerProgram.Marten && _problem is not null)
        {
            run.Say($"{Names[0]} is left out: {_problem}.");
            return [];
        }
        var count = Math.Max(1, appends(run.Sizes));
        var rounds = await Paired.InTurn(run.Sizes.Rounds, _ => OfPeer(count), _ => OfMillrace(run, count));
        return [BenchmarkResult.OfRates(Names[0], "events/s", rounds, goal)];
    }

    private async Task<Round> OfPeer(int count)
    {
        const string Name = "millrace_bench_peer";
        await database.Ask($"DROP DATABASE IF EXISTS {Name}");
        await database.Ask($"CREATE DATABASE {Name}");
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Database = Name };
        var round = await PeerProgram.Append(peer, settings.ConnectionString, writers, events, count);
        await database.Ask($"DROP DATABASE {Name} WITH (FORCE)");
        return round;
    }

    private async Task<Round> OfMillrace(BenchmarkRun run, int count)
    {
        await using var bench = await database.NewSchemas(run, SampleLines.Keys, SampleLines.Keys);
        await using var store = await Stores.Open(bench.NewStorage());
        return await WriterLoad.Run(writers, count, events, new AppendLoad(writers, events).Through(store));
    }
}
