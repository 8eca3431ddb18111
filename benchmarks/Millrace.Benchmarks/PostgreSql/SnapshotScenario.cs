using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Scenarios;
using Npgsql;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>
/// Measures 32 writers while another connection has an old snapshot open, like a dump or a long report. The comparison
/// is the same load without a snapshot. Only the last quarter of each run is measured. A store that updates rows in
/// every commit becomes slower while a snapshot is open.
/// </summary>
internal sealed class SnapshotScenario(BenchDatabase database) : IScenario
{
    private const int Writers = 32;
    private const int LongSeconds = 120;

    public IReadOnlyList<string> Names { get; } = ["append-beside-snapshot"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var seconds = run.Sizes.SnapshotSeconds;
        var rounds = seconds > LongSeconds ? 1 : run.Sizes.Rounds;
        var warmUps = PairedRounds.WarmUpRoundsFor(run.Sizes.Rounds);
        TimeSpan DurationOf(int round) => TimeSpan.FromSeconds(round < warmUps ? 1 : seconds);
        Task<Round> Again() => Append(run, DurationOf(warmUps), hasSnapshot: true);
        var paired = await PairedRounds.RunAlternating(
            warmUps,
            rounds,
            round => Append(run, DurationOf(round), hasSnapshot: false),
            round => Append(run, DurationOf(round), hasSnapshot: true));
        var result = BenchmarkResult.OfRates(Names[0], "events/s", paired, goal: 0.7);
        return [await run.Explain(result, Again)];
    }

    private async Task<Round> Append(BenchmarkRun run, TimeSpan duration, bool hasSnapshot)
    {
        await using var bench = await database.NewSchemas(run, SampleLines.Keys, SampleLines.Keys);
        await using var store = await Stores.Open(bench.NewStorage());
        await using var holder = new NpgsqlConnection(database.ConnectionString);
        await holder.OpenAsync();
        await using var transaction = hasSnapshot
            ? await holder.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead)
            : null;
        await using (var select = new NpgsqlCommand($"SELECT max(position) FROM {bench.Events}", holder))
            await select.ExecuteScalarAsync();
        return await WriterLoad.RunFor(
            Writers, duration * 0.75, duration * 0.25, 1, new AppendLoad(Writers, 1).Through(store));
    }
}
