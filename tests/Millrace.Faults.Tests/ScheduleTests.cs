using System.Globalization;
using Millrace.PostgreSql;
using Millrace.Storage;
using Xunit.Abstractions;

namespace Millrace.Faults.Tests;

/// <summary>
/// Tests random schedules of commits, rollbacks and kills over three nodes on one PostgreSQL database. Every history is
/// linearizable, no acknowledged event is lost, no refused event is written, and all nodes read the same events at the
/// same positions without gaps.
/// </summary>
public sealed class ScheduleTests(ITestOutputHelper output)
{
    private static readonly int Schedules = TestRun.IsLong ? 1_000 : 40;

    [PostgreSqlFact]
    public async Task All_nodes_read_the_same_log_after_commits_rollbacks_and_kills()
    {
        var only = Environment.GetEnvironmentVariable(Schedule.SeedVariable) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : (int?)null;
        await using var server = await PostgreSqlServer.Start();
        var database = await server.CreateDatabase();
        var nodes = await Task.WhenAll(
            Enumerable.Range(0, Schedule.Nodes).Select(number => Open(server, database, number)));
        await using var run = new ScheduleRun(nodes, server.ConnectionString(database));
        var readers = Array.ConvertAll(nodes, node => new LogFollower(node.Log));
        Array.ForEach(readers, reader => reader.Start());

        var (before, operations, first) = (0L, 0, only ?? (TestRun.IsLong ? 1 : Random.Shared.Next(1, 1_000_000)));
        for (var seed = first; seed < first + (only is null ? Schedules : 1); seed++)
        {
            var schedule = Schedule.Of(seed);
            var history = await run.Run(schedule);
            var rows = await RowsAfter(nodes[seed % Schedule.Nodes], before);
            var problems = RoundCheck.Problems(history, rows, before);
            Assert.True(
                problems.Count == 0, $"{string.Join('\n', problems)}\n{schedule}\n{string.Join('\n', history)}");
            (before, operations) = (before + rows.Count, operations + history.Count);
        }

        var read = await Task.WhenAll(readers.Select(reader => reader.ReadUpTo(before)));
        Assert.All(read, ids => Assert.True(ids.SequenceEqual(read[0]), "Two nodes have read different events."));
        var report = await nodes[0].Maintenance.Verify(null, CancellationToken.None);
        Assert.True(report.IsSound, string.Join("; ", report.Checks.SelectMany(check => check.Problems)));
        output.WriteLine($"The schedules from seed {first} ran {operations} operations and wrote {before} events.");
        Array.ForEach(readers, reader => reader.Dispose());
        foreach (var node in nodes)
            await node.DisposeAsync();
    }

    [Fact]
    public void A_seed_always_gives_the_same_schedule()
    {
        Assert.Equal(Schedule.Of(7).ToString(), Schedule.Of(7).ToString());
        Assert.NotEqual(Schedule.Of(7).ToString(), Schedule.Of(8).ToString());
        Assert.Contains($"{Schedule.SeedVariable}=7", Schedule.Of(7).ToString(), StringComparison.Ordinal);
        var steps = Enumerable.Range(1, 20).SelectMany(seed => Schedule.Of(seed).Rounds).SelectMany(round => round);
        Assert.Equal(Enum.GetValues<StepKind>(), steps.Select(step => step.Kind).Distinct().Order());
    }

    private static async Task<PostgreSqlStorage> Open(PostgreSqlServer server, string database, int number)
    {
        var storage = new PostgreSqlStorage(new PostgreSqlOptions
        {
            ConnectionString = $"{server.ConnectionString(database)};Application Name={ScheduleRun.NodeName}{number}",
            PollInterval = TimeSpan.FromMilliseconds(200),
            HoldTimeout = TimeSpan.FromSeconds(30), // A slow node on a busy machine is not frozen.
            LockTimeout = TimeSpan.FromSeconds(60),
        });
        await storage.Open(CancellationToken.None);
        return storage;
    }

    private static async Task<List<LogRow>> RowsAfter(PostgreSqlStorage node, long position)
    {
        var rows = new List<LogRow>();
        for (var next = position + 1; ;)
        {
            var query = new LogPageQuery(EventFilter.All, next, IsBackwards: false, Limit: 500);
            var page = await node.Log.ReadLog(query, CancellationToken.None);
            rows.AddRange(page.Events.Select(e =>
                new LogRow(e.Position, e.Stream.Value, e.Version, e.Id, e.Timestamp.UtcDateTime)));
            if (page.IsEnd)
                return rows;
            next = page.Next;
        }
    }
}
