using System.Globalization;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.PostgreSql;
using Npgsql;

namespace Millrace.Benchmarks.Http;

/// <summary>
/// Compares requests over HTTP to the same application on Millrace, on minimal API with one statement per request, on
/// Marten and on Wolverine. The applications use the same PostgreSQL server, in turn.
/// </summary>
internal sealed class HttpScenario(BenchDatabase database) : IScenario
{
    private const double GetGoal = 0.8;
    private const double InlineGoal = 0.6;
    private const double StartLimitSeconds = 0.8;
    private const double Megabyte = 1 << 20;

    private static readonly string[] Applications = ["bare", "millrace", "millrace-async", "marten", "wolverine"];

    public IReadOnlyList<string> Names { get; } =
    [
        "http-get",
        "http-create",
        "http-decide",
        "http-async",
        "http-marten",
        "http-wolverine",
        "http-memory",
        "http-start",
    ];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        if (!HttpLoad.IsAvailable)
        {
            run.Report("The HTTP benchmarks are skipped: wrk is not installed (apt-get install wrk).");
            return [];
        }
        var seconds = run.Sizes.IsShort ? 4 : 10;
        var rounds = Applications.ToDictionary(
            static name => name, static _ => new List<HttpRound>(), StringComparer.Ordinal);
        for (var round = 0; round < run.Sizes.Rounds; round++)
        {
            foreach (var name in Applications)
                rounds[name].Add(await Measure(name, run.Sizes.Rounds > 1 ? seconds : 1));
        }
        return Results(rounds);
    }

    private static List<BenchmarkResult> Results(Dictionary<string, List<HttpRound>> rounds)
    {
        var (bare, millrace, asynchronous) = (rounds["bare"], rounds["millrace"], rounds["millrace-async"]);
        var results = new List<BenchmarkResult>
        {
            Compare("http-get", millrace, bare, static round => round.Get, GetGoal),
            Compare("http-create", millrace, bare, static round => round.Create, InlineGoal),
            Compare("http-decide", millrace, bare, static round => round.Decide, InlineGoal),
            Compare("http-async-get", asynchronous, bare, static round => round.Get, GetGoal),
            Compare("http-async-create", asynchronous, bare, static round => round.Create, InlineGoal),
            Compare("http-async-decide", asynchronous, bare, static round => round.Decide, InlineGoal),
        };
        foreach (var peer in (string[])["marten", "wolverine"])
        {
            results.Add(Compare($"http-{peer}-get", millrace, rounds[peer], static round => round.Get, 1));
            results.Add(Compare($"http-{peer}-create", millrace, rounds[peer], static round => round.Create, 1));
            results.Add(Compare($"http-{peer}-decide", millrace, rounds[peer], static round => round.Decide, 1));
        }
        var memory = Median(rounds["marten"], static round => round.ResidentBytes) / Megabyte;
        results.Add(
            BenchmarkResult.OfLimit(
                "http-memory",
                "MB resident",
                Median(millrace, static round => round.ResidentBytes) / Megabyte,
                memory,
                memory));
        results.Add(
            BenchmarkResult.OfLimit(
                "http-start",
                "s to first answer",
                Median(millrace, static round => round.ToFirstAnswer.TotalSeconds),
                Median(rounds["marten"], static round => round.ToFirstAnswer.TotalSeconds),
                StartLimitSeconds));
        return results;
    }

    private static BenchmarkResult Compare(
        string name, List<HttpRound> millrace, List<HttpRound> other, Func<HttpRound, HttpLoad> load, double goal)
    {
        var millraceLoad = millrace.Select(load).OrderBy(static run => run.PerSecond).ElementAt(millrace.Count / 2);
        var otherLoad = other.Select(load).OrderBy(static run => run.PerSecond).ElementAt(other.Count / 2);
        var ratio = millraceLoad.PerSecond / otherLoad.PerSecond;
        var failed = millrace.Sum(round => load(round).Failed);
        var otherFailed = other.Sum(round => load(round).Failed);
        return new BenchmarkResult(
            name,
            "requests/s",
            millraceLoad.PerSecond,
            otherLoad.PerSecond,
            ratio,
            millraceLoad.P50Ms,
            millraceLoad.P95Ms,
            millraceLoad.P99Ms,
            BytesPerOp: null,
            goal,
            ratio >= goal && failed == 0,
            failed + otherFailed == 0
                ? null
                : string.Create(
                    CultureInfo.InvariantCulture, $"Failed requests: Millrace {failed}, comparison {otherFailed}."));
    }

    private static double Median(List<HttpRound> rounds, Func<HttpRound, double> value) =>
        rounds.Select(value).Order().ElementAt(rounds.Count / 2);

    private async Task<HttpRound> Measure(string application, int seconds)
    {
        const string Name = "millrace_bench_http";
        await database.Ask($"DROP DATABASE IF EXISTS {Name} WITH (FORCE)");
        await database.Ask($"CREATE DATABASE {Name}");
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Database = Name };
        try
        {
            return await HttpRound.Measure(application, settings.ConnectionString, seconds);
        }
        finally
        {
            await database.Ask($"DROP DATABASE {Name} WITH (FORCE)");
        }
    }
}
