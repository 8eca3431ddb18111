using System.Diagnostics;
using System.Text.Json;
using Servers;

namespace Millrace.Cli.Tests;

/// <summary>Tests that the benchmarks run and answer in their documented shape. Speed is not tested.</summary>
public sealed class BenchmarkTests : IDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(8);

    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task A_benchmark_answers_in_its_documented_shape()
    {
        Assert.Equal(["append-32x1", "append-32x1-p99"], await Run("--tiny", "--only", "append-32x1"));
        Assert.Empty(Directory.GetDirectories(Path.Combine(_tool.Directory, "artifacts", "bench")));
    }

    [Fact]
    [Trait(TestRun.Kind, TestRun.Long)]
    public async Task The_benchmarks_answer_in_their_documented_shape() =>
        Assert.Contains("append-32x1", await Run("--tiny"));

    /// <summary>
    /// Tests the benchmarks that exist only for PostgreSQL: snapshots, nodes, queries and the size of a table.
    /// </summary>
    [PostgreSqlFact]
    [Trait(TestRun.Kind, TestRun.Long)]
    public Task The_PostgreSQL_benchmarks_answer_in_their_documented_shape() => RunOnPostgreSql(
        "pg-append-1x1", "pg-append-beside-snapshot", "pg-nodes-2", "pg-query-rare-source", "pg-table-bytes-300");

    [PostgreSqlFact]
    public Task A_benchmark_answers_on_PostgreSQL() => RunOnPostgreSql("pg-append-1x1");

    /// <summary>Tests the benchmarks that exist for SQLite too.</summary>
    [PostgreSqlFact]
    [Trait(TestRun.Kind, TestRun.Long)]
    public Task The_common_benchmarks_answer_on_PostgreSQL() => RunOnPostgreSql(
        "pg-append-32x1", "pg-load-decide-append", "pg-load-decide-append-snapshots", "pg-read-streams", "pg-scan",
        "pg-rebuild", "pg-commit-to-visible-p95");

    /// <summary>Tests the benchmarks of messages on real brokers.</summary>
    [RedisFact]
    [Trait(TestRun.Kind, TestRun.Long)]
    public async Task The_messaging_benchmarks_answer_in_their_documented_shape()
    {
        var results = await Run(
            "--messaging", "--tiny", "--only", "redis-", "--only", "process-step", "--only", "idle-");

        Assert.Equal(
            [
                "redis-publish",
                "redis-publish-events",
                "redis-receive",
                "redis-receive-rows",
                "redis-commit-to-received-p95",
                "process-step",
                "idle-1000",
                "idle-timers",
            ],
            results);
    }

    [Fact]
    [Trait(TestRun.Kind, TestRun.Long)]
    public async Task The_trust_benchmarks_answer_in_their_documented_shape()
    {
        var results = await Run("--trust", "--tiny");

        Assert.Equal(
            [
                "encrypted-append",
                "encrypted-scan",
                "unmarked-append",
                "audited-command",
                "audited-command-1",
                "sealed-append",
                "erase-subject",
                "verify-certificate",
            ],
            results);
    }

    [Fact]
    [Trait(TestRun.Kind, TestRun.Long)]
    public async Task The_benchmarks_of_backups_answer_in_their_documented_shape()
    {
        string[] names = ["backed-up-append", "restore", "archiving-p99", "stream-cache", "log-in-memory"];

        var results = await Run(
            ["--keeping", "--tiny", "--events", "2000", .. names.SelectMany(name => (string[])["--only", name])]);

        Assert.Equal(names, results);
    }

    [Fact]
    [Trait(TestRun.Kind, TestRun.Long)]
    public async Task The_benchmarks_of_the_monitor_answer_in_their_documented_shape() =>
        Assert.Equal(["monitored-append", "monitor-memory"], await Run("--operations", "--tiny"));

    private async Task RunOnPostgreSql(params string[] expected) => Assert.Empty(
        expected.Except(await Run(
            ["--postgres", "--tiny", .. expected.SelectMany(name => (string[])["--only", name])])));

    private async Task<List<string>> Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = _tool.Directory,
            RedirectStandardOutput = true,
        };
        foreach (
            var argument in (string[])[Tool.ProgramFile("Millrace.Benchmarks"), .. arguments, "--json", "results.json"])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!; // Start returns null only when the shell reuses a process.
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var killOnTimeout = limit.Token.Register(() => process.Kill(entireProcessTree: true));
        var output = await process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);

        Assert.False(limit.IsCancellationRequested, $"The benchmarks did not end within {WaitTimeout}: {output}");
        Assert.Equal(0, process.ExitCode);
        var results = JsonDocument
            .Parse(await File.ReadAllBytesAsync(_tool.File("results.json")))
            .RootElement.EnumerateArray()
            .ToList();
        string[] members = ["name", "millrace", "raw", "ratio", "p50ms", "p95ms", "p99ms", "bytesPerOp", "goal", "met"];
        Assert.All(results, result => Assert.Equal(members, result.EnumerateObject().Select(member => member.Name)));
        Assert.All(
            results,
            result => Assert.Contains(result.GetProperty("name").GetString()!, output, StringComparison.Ordinal));
        return [.. results.Select(result => result.GetProperty("name").GetString()!)]; // Every result has a name.
    }
}
