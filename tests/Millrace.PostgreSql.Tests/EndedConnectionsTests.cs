using Millrace.Storage;
using Millrace.Testing;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests a restarted server, which has ended all connections of a node, idle ones as well.</summary>
public sealed class EndedConnectionsTests : StoreTests
{
    private const int Reads = 60;
    private static readonly TimeSpan InDoubtPause = TimeSpan.FromMilliseconds(200);

    [PostgreSqlFact]
    public async Task No_read_fails_for_connections_that_were_ended_while_they_rested_and_a_commit_is_settled_at_once()
    {
        var time = new PauseCountingTimeProvider(InDoubtPause);
        await using var storage = await Given.Open(Database, options => options.PollInterval = 2 * InDoubtPause, time);
        await storage.Commit(Given.Append("a", ExpectedVersion.NoStream, Given.Event()));
        await Rest(storage);
        await End();

        var head = await storage.Log.GetHead(CancellationToken.None);
        await Rest(storage);
        await End();
        var before = time.Count;
        var failure = await Record.ExceptionAsync(() =>
            storage.Commit(Given.Append("a", ExpectedVersion.Any, Given.Event())));
        var pauses = time.Count - before;
        var outcome = await storage.Commit(Given.Append("a", ExpectedVersion.Any, Given.Event()));

        Assert.Equal(1, head.Position);
        Assert.True(
            failure is null or StorageException { Problem: StorageProblem.Unavailable, IsInDoubt: false },
            $"{failure}");
        // There are more connections than that; each would cause another doubtful commit.
        Assert.InRange(pauses, 0, 4);
        Assert.Equal(failure is null ? 3 : 2, outcome.Position);
    }

    /// <summary>Fills the pool with idle connections.</summary>
    private async Task Rest(PostgreSqlStorage storage)
    {
        await Eventually.Is(
            async () =>
            {
                await Task.WhenAll(
                    Enumerable
                        .Range(0, Reads)
                        .Select(_ => Task.Run(() => storage.Log.GetHead(CancellationToken.None).AsTask())));
                return await Count(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle'");
            },
            static resting => resting > 8);
    }

    private async Task End() => await Eventually.Is(
        () => Count("""
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND state IS NOT NULL
            """),
        count => count == 0);

    private async Task<long> Count(string sql)
    {
        await using var connection = await TestServer.Connect(Database);
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!; // A count is never null.
    }

    /// <summary>The system's clock, which counts delays of a given length.</summary>
    private sealed class PauseCountingTimeProvider(TimeSpan length) : TimeProvider
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == length)
                Interlocked.Increment(ref _count);
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
