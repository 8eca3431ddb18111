using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.PostgreSql;
using Npgsql;

namespace Millrace.Benchmarks.Http;

/// <summary>Measures the processor time of an idle application with twenty consumers, over a minute.</summary>
internal sealed class HttpIdleScenario(BenchDatabase database) : IScenario
{
    private const double LimitPercent = 0.3;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(15);

    public IReadOnlyList<string> Names { get; } = ["http-idle"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var seconds = run.Sizes.Rounds > 1 ? 60 : 2;
        using var directory = run.NewDirectory();
        return
        [
            Result("http-idle-sqlite", await Measure("idle-sqlite", directory.File("idle.db"), seconds)),
            Result("http-idle-postgresql", await OnPostgreSql(seconds)),
        ];
    }

    private static BenchmarkResult Result(string name, double percent) =>
        BenchmarkResult.OfLimit(name, "% of one processor", Math.Max(percent, 0.01), null, LimitPercent);

    private static async Task<double> Measure(string application, string store, int seconds)
    {
        await using var running = await HttpApplication.Start(application, store);
        await Task.Delay(seconds > 2 ? Settling : TimeSpan.FromSeconds(1)); // Consumers start in the first seconds.
        var before = running.Processor;
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        return 100 * (running.Processor - before).TotalSeconds / seconds;
    }

    private async Task<double> OnPostgreSql(int seconds)
    {
        const string Name = "millrace_bench_idle";
        await database.Ask($"DROP DATABASE IF EXISTS {Name} WITH (FORCE)");
        await database.Ask($"CREATE DATABASE {Name}");
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Database = Name };
        try
        {
            return await Measure("idle-postgresql", settings.ConnectionString, seconds);
        }
        finally
        {
            await database.Ask($"DROP DATABASE {Name} WITH (FORCE)");
        }
    }
}
