using System.Diagnostics;
using System.Globalization;
using Millrace.Storage;
using Npgsql;
using Xunit.Abstractions;

namespace Millrace.PostgreSql.Tests;

/// <summary>
/// Tests that an open snapshot, for example of a dump, and a long write transaction delay no other client. Readers
/// continue without a gap, and appends are about as fast as in a store without such transactions.
/// </summary>
public sealed class HeldSnapshotTests(ITestOutputHelper output) : StoreTests
{
    private const int Writers = 8;
    private const double MinRatio = 0.3;
    private static readonly TimeSpan HoldDuration =
        TestRun.IsLong ? TimeSpan.FromMinutes(10) : TimeSpan.FromSeconds(20);

    // The appends alternate between both stores with pauses, because other tests run concurrently.
    private static readonly TimeSpan RoundDuration = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PauseDuration = TimeSpan.FromMilliseconds(TestRun.IsLong ? 50 : 250);

    [PostgreSqlFact]
    public async Task A_long_snapshot_slows_no_appends_and_readers_see_all_events_in_order()
    {
        var other = await TestServer.CreateStore();
        await using (var free = await TestData.Open(other))
        await using (var held = await TestData.Open(Database))
        await using (await Hold())
        {
            using var reading = new CancellationTokenSource();
            var reader = Task.Run(() => Follow(held, reading.Token));
            var rates = new List<double>();
            using var pause = new PeriodicTimer(PauseDuration);
            var (began, log) = (Stopwatch.GetTimestamp(), 0L);
            for (var turn = 0; Stopwatch.GetElapsedTime(began) < HoldDuration; turn++)
            {
                var before = await AppendFor(free, turn);
                var (count, seconds) = await AppendFor(held, turn);
                log += count;
                rates.Add(count / seconds / (before.Count / before.Seconds));
                await pause.WaitForNextTickAsync();
            }
            var all = await held.Log.GetHead(CancellationToken.None);
            await Eventually(() => Volatile.Read(ref _seen) == all.Position);
            await reading.CancelAsync();

            Assert.Equal(all.Position, await reader);
            Assert.Equal(log, all.Position);
            var last = rates.TakeLast(rates.Count / 3).Order().ElementAt(rates.Count / 6);
            var summary = string.Create(
                CultureInfo.InvariantCulture,
                $"After a snapshot of {HoldDuration.TotalSeconds:0} s, the rate is {last:0.00} of the rate of a store "
                    + $"without a snapshot; {log} events."
            );
            output.WriteLine(summary);
            Assert.True(last >= MinRatio, summary);
        }
        await TestServer.Return(other);
    }

    private long _seen;

    private static Task Eventually(Func<bool> condition) =>
        Millrace.Testing.Eventually.Until(condition, TimeSpan.FromMinutes(2));

    /// <summary>
    /// Opens a transaction with a snapshot of the whole database and a write to another table, and leaves it open.
    /// </summary>
    private async Task<NpgsqlConnection> Hold()
    {
        var connection = await TestServer.Connect(Database);
        await using var command = new NpgsqlCommand(
            "BEGIN ISOLATION LEVEL REPEATABLE READ; CREATE TABLE mine (id integer); INSERT INTO mine VALUES (1); "
            + "SELECT count(*) FROM millrace.events",
            connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    private static async Task<(int Count, double Seconds)> AppendFor(PostgreSqlStorage storage, int turn)
    {
        var (began, count) = (Stopwatch.GetTimestamp(), 0);
        for (var batch = 0; Stopwatch.GetElapsedTime(began) < RoundDuration; batch++)
        {
            var requests = Enumerable
                .Range(0, Writers)
                .Select(writer => TestData.Append($"s-{turn % 50}-{writer}", ExpectedVersion.Any, TestData.Event()))
                .ToArray();
            await storage.CommitTogether(requests);
            count += Writers;
        }
        return (count, Stopwatch.GetElapsedTime(began).TotalSeconds);
    }

    /// <summary>
    /// Reads until the cancellation, checks that no position is skipped, and returns the last position.
    /// </summary>
    private async Task<long> Follow(PostgreSqlStorage storage, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var query = new LogPageQuery(EventFilter.All, _seen + 1, IsBackwards: false, Limit: 500);
            var page = await storage.Log.ReadLog(query, CancellationToken.None);
            foreach (var recorded in page.Events)
            {
                Assert.Equal(_seen + 1, recorded.Position);
                Volatile.Write(ref _seen, recorded.Position);
            }
            if (!page.IsEnd)
                continue;
            try
            {
                await storage.Log.WaitForChange(new LogHead(1, _seen), cancellationToken);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }
        return _seen;
    }
}
