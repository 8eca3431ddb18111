using Millrace.PostgreSql.Schema;
using Millrace.Storage;
using Millrace.Testing;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests commits that fail without a write and are retried.</summary>
public sealed class CommitRetryTests : StoreTests
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(1);
    private static readonly CollectionDefinition Plain = new("plain@1", []);

    [PostgreSqlTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_commit_waits_longer_than_one_lock_timeout_for_the_lock_of_the_log(bool isFast)
    {
        await using var storage = await Open(WaitTimeout);
        storage.OptimisticCommits.IsEnabled = isFast;
        await storage.Commit(TestData.Append("a", ExpectedVersion.NoStream, TestData.Event()));
        await using var lockHolder = await LockHolder.Start(Database);

        var committing = storage.Commit(TestData.Append("a", ExpectedVersion.Exactly(1), TestData.Event()));
        await Eventually.Until(() => storage.OptimisticCommits.Generation is null, WaitTimeout);
        Assert.False(committing.IsCompleted);
        await lockHolder.Release();
        var outcome = await committing.WaitAsync(WaitTimeout);
        var next = await storage.Commit(TestData.Append("a", ExpectedVersion.Exactly(2), TestData.Event()));

        Assert.Equal((CommitResult.Committed, 2L), (outcome.Result, outcome.Position));
        Assert.Equal((CommitResult.Committed, 3L), (next.Result, next.Position));
        // The waiting commit read the facts from the database.
        Assert.Equal(isFast ? 1 : 0, storage.OptimisticCommits.Hits);
    }

    [PostgreSqlTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_commit_that_waits_too_long_for_the_lock_of_the_log_fails_and_writes_nothing(bool isFast)
    {
        await using var storage = await Open(TimeSpan.FromSeconds(1));
        storage.OptimisticCommits.IsEnabled = isFast;
        await storage.Commit(TestData.Append("a", ExpectedVersion.NoStream, TestData.Event()));
        StorageException failure;
        await using (var lockHolder = await LockHolder.Start(Database))
        {
            failure = await Assert.ThrowsAsync<StorageException>(() =>
                storage.Commit(
                    TestData.Append("a", ExpectedVersion.Exactly(1), TestData.Event())).WaitAsync(WaitTimeout));
            await lockHolder.Release();
        }

        Assert.Equal((StorageProblem.Busy, false), (failure.Problem, failure.IsInDoubt));
        Assert.Single(await storage.ReadAll());
        var next = await storage.Commit(TestData.Append("a", ExpectedVersion.Exactly(1), TestData.Event()));
        Assert.Equal(2, next.Position);
    }

    [PostgreSqlFact]
    public async Task A_consumer_commit_waits_longer_than_one_lock_timeout_for_its_row()
    {
        await using var storage = await Open(WaitTimeout);
        var epoch = await StartConsumer(storage);
        await using var other = await TestServer.Connect(Database);
        await Run(other, "BEGIN; SELECT FROM millrace.consumers FOR UPDATE");

        var committing = storage.Commit(Work(epoch, 1, 2));
        await Eventually.Until(() => storage.OptimisticCommits.Generation is null, WaitTimeout);
        Assert.False(committing.IsCompleted);
        await Run(other, "ROLLBACK");
        var outcome = await committing.WaitAsync(WaitTimeout);

        Assert.Equal(CommitResult.Committed, outcome.Result);
        Assert.Equal(2, Assert.Single(await storage.Leases.List(CancellationToken.None)).Checkpoint);
        Assert.Equal(1, storage.ConsumerCommits.Hits); // The waiting commit read the facts from the database.
    }

    [PostgreSqlFact]
    public async Task A_consumer_commit_writes_to_a_collection_that_another_node_has_recreated()
    {
        await using var storage = await Open(WaitTimeout);
        await using var other = await TestData.Open(Database);
        var epoch = await StartConsumer(storage);
        await other.Documents.Drop(Plain.Name, DateTimeOffset.UtcNow, CancellationToken.None);
        await other.Documents.EnsureCollection(Plain, CancellationToken.None);

        var outcome = await storage.Commit(Work(epoch, 1, 2));

        var document = await other.Documents.Get(Plain.Name, "count", CancellationToken.None);
        Assert.Equal((CommitResult.Committed, document?.Version), (outcome.Result, outcome.DocumentVersion));
        Assert.Equal(1, storage.ConsumerCommits.Hits);
    }

    /// <summary>The node can retry the batch, because the store wrote nothing.</summary>
    [PostgreSqlFact]
    public async Task A_lost_connection_does_not_put_a_refused_consumer_batch_in_doubt()
    {
        await using var proxy = new CuttingProxy((await TestServer.Server).Port);
        await using var storage = await TestData.OpenThroughProxy(proxy, Database);
        var epoch = await StartConsumer(storage);
        proxy.CutAt("COMMIT"u8, Cut.After);

        var outcome = await storage.Commit(Work(epoch - 1, 1, 2));

        Assert.IsType<LeaseLostException>(outcome.Refusal);
        Assert.Equal(1, Assert.Single(await storage.Leases.List(CancellationToken.None)).Checkpoint);
    }

    /// <summary>Commits for a consumer twice. The second commit does not read facts from the database.</summary>
    private static async Task<long> StartConsumer(PostgreSqlStorage storage)
    {
        await storage.Documents.EnsureCollection(Plain, CancellationToken.None);
        var lease = await storage.Leases.Acquire(
            "sales", 0, "node-1", TimeSpan.FromHours(1), DateTimeOffset.UtcNow, CancellationToken.None);
        await storage.Commit(Work(lease.LeaseEpoch, null, 0));
        await storage.Commit(Work(lease.LeaseEpoch, 0, 1));
        Assert.Equal(1, storage.ConsumerCommits.Hits);
        return lease.LeaseEpoch;
    }

    private static CommitRequest Work(long epoch, long? from, long to) => new()
    {
        Documents =
        [
            new DocumentChange { Collection = Plain.Name, Key = "count", Body = new[] { (byte)to }, Position = 1 },
        ],
        Checkpoint = new CheckpointMove("sales", 0, epoch, from, to),
    };

    private static async Task Run(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private Task<PostgreSqlStorage> Open(TimeSpan lockTimeout) => TestData.Open(Database, options =>
        (options.HoldTimeout, options.LockTimeout) = (TimeSpan.FromSeconds(2), lockTimeout));

    /// <summary>
    /// A session that holds the lock of the log while it waits for another lock. PostgreSQL would end an idle session.
    /// </summary>
    private sealed class LockHolder(NpgsqlConnection gate, NpgsqlConnection holder, Task holding) : IAsyncDisposable
    {
        public static async Task<LockHolder> Start(string database)
        {
            var (lockClass, key) = new Tables("millrace", "millrace_documents").LogLock;
            var gate = await TestServer.Connect(database);
            var holder = await TestServer.Connect(database);
            await Run(gate, "SELECT pg_advisory_lock(7)");
            var holding = Run(holder, $"SELECT pg_advisory_xact_lock({lockClass}, {key}), pg_advisory_xact_lock(7)");
            await Eventually.Get(
                async () =>
                {
                    await using var waiting = new NpgsqlCommand(
                        $"SELECT count(*) FROM pg_locks WHERE pid = {holder.ProcessID} AND NOT granted", gate);
                    return (long)(await waiting.ExecuteScalarAsync())! == 1; // The count is never null.
                },
                static isHolding => isHolding,
                WaitTimeout);
            return new LockHolder(gate, holder, holding);
        }

        public async Task Release()
        {
            await Run(gate, "SELECT pg_advisory_unlock(7)");
            await holding;
        }

        public async ValueTask DisposeAsync()
        {
            await gate.DisposeAsync();
            await holder.DisposeAsync();
        }
    }
}
