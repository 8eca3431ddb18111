using Millrace.Storage;
using Millrace.Testing;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests a server restart that ends all connections of a node, including idle connections.</summary>
public sealed class EndedConnectionsTests : StoreTests
{
    private const int Reads = 60;
    private static readonly TimeSpan InDoubtPause = TimeSpan.FromMilliseconds(200);

    [PostgreSqlFact]
    public async Task After_ended_idle_connections_no_read_fails_and_a_commit_completes_without_a_delay()
    {
        var time = new PauseCountingTimeProvider(InDoubtPause);
        await using var storage = await TestData.Open(
            Database, options => options.PollInterval = 2 * InDoubtPause, time);
        await storage.Commit(TestData.Append("a", ExpectedVersion.NoStream, TestData.Event()));
        await FillPool(storage);
        await EndAllConnections();

        var head = await storage.Log.GetHead(CancellationToken.None);
        await FillPool(storage);
        await EndAllConnections();
        var before = time.Count;
        var failure = await Record.ExceptionAsync(() =>
            storage.Commit(TestData.Append("a", ExpectedVersion.Any, TestData.Event())));
        var pauses = time.Count - before;
        var outcome = await storage.Commit(TestData.Append("a", ExpectedVersion.Any, TestData.Event()));

        Assert.Equal(1, head.Position);
        Assert.True(
            failure is null or StorageException { Problem: StorageProblem.Unavailable, IsInDoubt: false },
            $"{failure}");
        // The pool has more connections. Each ended connection could leave another commit in doubt.
        Assert.InRange(pauses, 0, 4);
        Assert.Equal(failure is null ? 3 : 2, outcome.Position);
    }

    /// <summary>Fills the pool with idle connections.</summary>
    private async Task FillPool(PostgreSqlStorage storage)
    {
        await Eventually.Get(
            async () =>
            {
                await Task.WhenAll(
                    Enumerable
                        .Range(0, Reads)
                        .Select(_ => Task.Run(() => storage.Log.GetHead(CancellationToken.None).AsTask())));
                return await Count(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle'");
            },
            static idle => idle > 8);
    }

    private async Task EndAllConnections() => await Eventually.Get(
        () => Count("""
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND state IS NOT NULL
            """),
        count => count == 0);

    private async Task<long> Count(string sql)
    {
        await using var connection = await TestServer.Connect(Database);
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!; // The count is never null.
    }

    /// <summary>A system clock that counts the delays of a certain length.</summary>
    private sealed class PauseCountingTimeProvider(TimeSpan countedDelay) : TimeProvider
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == countedDelay)
                Interlocked.Increment(ref _count);
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
