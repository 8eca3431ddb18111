using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Servers;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>
/// Measures appends of one application to streams that are placed over servers. The comparisons are the same
/// application on one store, and on one server instead of two.
/// </summary>
/// <param name="database">The first server.</param>
internal sealed class ShardsScenario(BenchDatabase database) : IScenario
{
    private const int Writers = 32;

    private const double OneShardGoal = 0.85; // A node remembers the shard of a stream that it has used.
    private const double CreationGoal = 0.5; // The creation of a stream is guarded by the version of the map.
    private const double TwoServersGoal = 1.6;

    private int _schemas;

    public IReadOnlyList<string> Names { get; } = ["shards-one", "shards-create", "shards-two"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        await using var other = await PostgreSqlServer.Start(isDurable: true);
        var (rounds, appends) = (run.Sizes.Rounds, run.Sizes.SingleAppends);
        var one = await PairedRounds.RunAlternating(
            rounds, _ => Measure(UseStore, appends), _ => Measure(UseOne, appends));
        var create = await PairedRounds.RunAlternating(
            rounds, _ => MeasureNew(UseStore, appends), _ => MeasureNew(UseOne, appends));
        return
        [
            BenchmarkResult.OfRates("shards-one", "events/s", one, OneShardGoal),
            BenchmarkResult.OfRates("shards-create", "streams/s", create, CreationGoal),
            await MeasureTwo(run, other, appends),
        ];
    }

    /// <summary>Both servers have their own directory, and share processors and disk with each other.</summary>
    private async Task<BenchmarkResult> MeasureTwo(BenchmarkRun run, PostgreSqlServer other, int appends)
    {
        Task<Round> Both() => Measure(millrace => UseTwo(millrace, other), appends);
        var two = await PairedRounds.RunAlternating(
            run.Sizes.Rounds, _ => Measure(UseOne, appends), _ => Both());
        var use = new ProcessorUse();
        await Measure(UseOne, appends);
        var one = use.Describe();
        use = new ProcessorUse();
        var result = await run.Explain(BenchmarkResult.OfRates("shards-two", "events/s", two, TwoServersGoal), Both);
        return result with { Note = $"{result.Note} One server: {one} Two: {use.Describe()}".Trim() };
    }

    /// <summary>Measures appends to streams that the node has used before.</summary>
    private async Task<Round> Measure(Action<MillraceBuilder> useStore, int appends)
    {
        const int StreamsPerWriter = 50;
        using var host = await Start(useStore);
        var store = host.Services.GetRequiredService<EventStore>();
        var versions = new long[Writers * StreamsPerWriter];
        async ValueTask Append(int writer, int i)
        {
            var key = (writer * StreamsPerWriter) + (i % StreamsPerWriter);
            await store.Append(
                SampleLines.Streams[key], ExpectedVersion.AsRead(versions[key]), [SampleLines.Instance.Line(key)]);
            versions[key]++;
        }

        await WriterLoad.Run(Writers, StreamsPerWriter, 1, Append);
        var round = await WriterLoad.Run(Writers, appends, 1, Append);
        await host.StopAsync();
        return round;
    }

    /// <summary>Measures the creation of streams.</summary>
    private static async Task<Round> MeasureNew(Action<MillraceBuilder> useStore, int appends)
    {
        using var host = await Start(useStore);
        var store = host.Services.GetRequiredService<EventStore>();
        var round = await WriterLoad.Run(Writers, appends, 1, async (writer, i) => await store.Append(
            new StreamId($"new-{writer}-{i}"), ExpectedVersion.NoStream, [SampleLines.Instance.Line(writer)]));
        await host.StopAsync();
        return round;
    }

    private static async Task<IHost> Start(Action<MillraceBuilder> useStore)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace =>
        {
            useStore(millrace);
            millrace.AddModel<Formats>();
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private void UseStore(MillraceBuilder millrace) => UseNewSchemas(millrace, database.ConnectionString);

    private void UseOne(MillraceBuilder millrace) => millrace.UseShards(shards => shards
        .Add("one", store => UseNewSchemas(store, database.ConnectionString))
        .PlaceByStream());

    private void UseTwo(MillraceBuilder millrace, PostgreSqlServer other) => millrace.UseShards(shards => shards
        .Add("one", store => UseNewSchemas(store, database.ConnectionString))
        .Add("two", store => UseNewSchemas(store, other.ConnectionString()))
        .PlaceByStream());

    private void UseNewSchemas(MillraceBuilder millrace, string connectionString)
    {
        var name = $"shards_{Environment.ProcessId}_{++_schemas}";
        millrace.UsePostgreSql(options =>
        {
            options.ConnectionString = connectionString;
            (options.LogSchema, options.DocumentSchema) = (name, name + "_documents");
            options.MaxConnections = 40;
        });
    }
}
