using Millrace.Benchmarks.Harness;
using Npgsql;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>
/// Measures Millrace against another event store on the same server, in turn. Both use the same events, writers and
/// expected versions. The peer runs in a separate process on its own database.
/// </summary>
/// <param name="database">The server.</param>
/// <param name="peer">The peer.</param>
/// <param name="load">The load that the peer and Millrace run.</param>
/// <param name="goal">The required rate of Millrace divided by the rate of the peer.</param>
internal sealed class PeerScenario(BenchDatabase database, string peer, PeerLoad load, double goal) : IScenario
{
    private static string? _problem;
    private static bool _isFetched;

    public IReadOnlyList<string> Names { get; } = [$"{peer}-{load.Shape}"];

    /// <summary>Returns the scenarios of all peers and loads. The goals are based on earlier measurements.</summary>
    public static IEnumerable<PeerScenario> All(BenchDatabase database)
    {
        PeerAppends[] appends =
        [
            new("32x1", 32, 1, static sizes => sizes.SingleAppends / 4),
            new("8x100", 8, 100, static sizes => sizes.BulkAppends / 2),
            new("1x1", 1, 1, static sizes => sizes.SequentialAppends / 4),
        ];
        foreach (var (peer, goals) in ((string, double[])[])
            [(PeerProgram.Marten, [8, 3, 1]), ("message-db", [4.8, 3, 1]), ("emmett", [14, 3, 2])])
        {
            for (var i = 0; i < appends.Length; i++)
                yield return new PeerScenario(database, peer, appends[i], goals[i]);
        }
        yield return new PeerScenario(database, PeerProgram.Marten, new PeerDecisions(), 3);
        yield return new PeerScenario(database, PeerProgram.Marten, new PeerRebuild(), 5);
    }

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        if (peer != PeerProgram.Marten && !_isFetched)
            (_isFetched, _problem) = (true, await PeerProgram.Fetch());
        if (peer != PeerProgram.Marten && _problem is not null)
        {
            run.Report($"{Names[0]} is skipped: {_problem}.");
            return [];
        }
        var rounds = await PairedRounds.RunAlternating(
            run.Sizes.Rounds, _ => OfPeer(run.Sizes), _ => load.OfMillrace(run, database));
        return [BenchmarkResult.OfRates(Names[0], load.Unit, rounds, goal)];
    }

    private async Task<Round> OfPeer(Sizes sizes)
    {
        const string Name = "millrace_bench_peer";
        await database.Ask($"DROP DATABASE IF EXISTS {Name}");
        await database.Ask($"CREATE DATABASE {Name}");
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Database = Name };
        var (name, numbers) = load.OfPeer(sizes);
        var round = await PeerProgram.Run(peer, settings.ConnectionString, load.Count(sizes), name, numbers);
        await database.Ask($"DROP DATABASE {Name} WITH (FORCE)");
        return round;
    }
}
