using System.Text;
using Millrace.Storage;
using Millrace.Testing;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>
/// Tests that a node that freezes while it sends a request delays other nodes only briefly, even if it holds locks.
/// </summary>
public sealed class FrozenNodeTests : StoreTests
{
    private const int DocumentCount = 1_000;

    private static readonly CollectionDefinition Wide = new("wide@1", []);
    // The timeout may be long, because a frozen node remains frozen.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    [PostgreSqlFact]
    public async Task A_frozen_node_under_load_delays_no_append_and_another_node_takes_over_its_consumer()
    {
        await using var proxy = new CuttingProxy((await TestServer.Server).Port);
        await using var frozen = await Open(proxy);
        await using var other = await Open(null);
        await other.Documents.EnsureCollection(Wide, CancellationToken.None);
        var lease = await Take(frozen, "node-1", DateTimeOffset.UtcNow);
        await frozen.Commit(Work(lease.LeaseEpoch, null, 0));
        proxy.CutAt("body 700"u8, Cut.Freeze);
        // As a batch of a rebuild, this commit does not move the checkpoint.
        var load = Task.Run(() => frozen.Commit(Work(lease.LeaseEpoch, 0, 0, DocumentCount)));
        await proxy.Frozen.WaitAsync(WaitTimeout);

        var append = await other
            .Commit(TestData.Append("a", ExpectedVersion.NoStream, TestData.Event()))
            .WaitAsync(WaitTimeout);
        var taken = await Eventually.Get(
            () => Take(other, "node-2", DateTimeOffset.UtcNow.AddHours(1)),
            record => record.Holder == "node-2",
            WaitTimeout);
        var work = await other.Commit(Work(taken.LeaseEpoch, 0, 0, DocumentCount)).WaitAsync(WaitTimeout);
        proxy.Thaw();
        var late = await load.WaitAsync(WaitTimeout);

        Assert.Equal((CommitResult.Committed, CommitResult.Committed), (append.Result, work.Result));
        // The frozen node has lost only one connection. On another connection, it may have committed before the next
        // holder of the lease, but not afterwards.
        Assert.True(late.Refusal is LeaseLostException || late.DocumentVersion < work.DocumentVersion, $"{late}");
        Assert.Equal(DocumentCount, await other.Documents.Count(Wide.Name, [], CancellationToken.None));
        var document = await other.Documents.Get(Wide.Name, "key 700", CancellationToken.None);
        Assert.Equal(work.DocumentVersion, document?.Version);
    }

    [PostgreSqlFact]
    public async Task A_node_that_freezes_in_a_batch_under_the_log_lock_delays_other_nodes_only_briefly()
    {
        await using var proxy = new CuttingProxy((await TestServer.Server).Port);
        await using var frozen = await Open(proxy);
        await using var other = await Open(null);
        frozen.OptimisticCommits.IsEnabled = false;
        proxy.CutAt("the end"u8, Cut.Freeze);
        var batch = Task.Run(() => Try(frozen, LongBatch()));
        await proxy.Frozen.WaitAsync(WaitTimeout);

        var append = await other
            .Commit(TestData.Append("b", ExpectedVersion.NoStream, TestData.Event()))
            .WaitAsync(WaitTimeout);
        proxy.Thaw();
        await batch.WaitAsync(WaitTimeout);

        Assert.Equal(1, append.Position);
        var log = await other.ReadAll();
        Assert.Equal(Enumerable.Range(1, log.Count).Select(number => (long)number), log.Select(e => e.Position));
        Assert.True(log.Count is 1 or 21, $"{log.Count} events are in the log.");
    }

    /// <summary>
    /// Only the connection is dead, for example because a router dropped it. The server holds the lock of the log while
    /// it waits for the rest of the batch.
    /// </summary>
    [PostgreSqlFact]
    public async Task A_node_that_loses_its_connection_in_a_batch_ends_the_batch_and_learns_its_outcome()
    {
        await using var proxy = new CuttingProxy((await TestServer.Server).Port);
        await using var storage = await Open(proxy, options => options.CommandTimeout = TimeSpan.FromSeconds(4));
        storage.OptimisticCommits.IsEnabled = false;
        proxy.CutAt("the end"u8, Cut.Freeze);

        var failure = await Assert.ThrowsAsync<StorageException>(() =>
            storage.Commit(LongBatch()).WaitAsync(WaitTimeout));

        Assert.Equal((StorageProblem.Unavailable, false), (failure.Problem, failure.IsInDoubt));
        Assert.Empty(await storage.ReadAll());
        Assert.Equal(
            1, (await storage.Commit(TestData.Append("b", ExpectedVersion.NoStream, TestData.Event()))).Position);
    }

    [PostgreSqlFact]
    public async Task A_node_that_freezes_while_it_creates_a_collection_delays_other_nodes_only_briefly()
    {
        await using var proxy = new CuttingProxy((await TestServer.Server).Port);
        await using var frozen = await Open(proxy);
        await using var other = await Open(null);
        proxy.CutAt("CREATE TABLE"u8, Cut.Freeze);
        var change = Task.Run(() => frozen.Documents.EnsureCollection(Wide, CancellationToken.None).AsTask());
        await proxy.Frozen.WaitAsync(WaitTimeout);

        var append = await other
            .Commit(TestData.Append("b", ExpectedVersion.NoStream, TestData.Event()))
            .WaitAsync(WaitTimeout);
        proxy.Thaw();

        Assert.Equal(1, append.Position);
        Assert.True(await change.WaitAsync(WaitTimeout)); // The node retried the change.
    }

    [PostgreSqlFact]
    public async Task A_change_under_the_log_lock_that_waits_for_a_consumer_does_not_block_appends()
    {
        await using var storage = await Open(null);
        await using var other = await Open(null);
        await storage.Documents.EnsureCollection(Wide, CancellationToken.None);
        await Take(storage, "node-1", DateTimeOffset.UtcNow);
        await using var commit = await Hold("SELECT FROM millrace.consumers FOR UPDATE");

        var clear = Task.Run(() => storage.Documents.Clear(Wide.Name, Wide.Name, CancellationToken.None).AsTask());
        await using var observer = await TestServer.Connect(Database);
        await Eventually.Get(() => CountWaiting(observer), count => count > 0, WaitTimeout);
        for (var i = 0; i < 5; i++)
            await other.Commit(TestData.Append("b", ExpectedVersion.Any, TestData.Event())).WaitAsync(WaitTimeout);
        Assert.False(clear.IsCompleted);
        await commit.DisposeAsync();

        await clear.WaitAsync(WaitTimeout);
        Assert.Null(Assert.Single(await storage.Leases.List(CancellationToken.None)).Holder);
    }

    [PostgreSqlFact]
    public async Task Waiting_statements_of_a_consumer_do_not_block_appends()
    {
        await (await TestServer.Server).Execute("CREATE TABLE mine (id integer)", Database);
        await using var storage = await Open(null);
        await using var other = await Open(null);
        var lease = await Take(storage, "node-1", DateTimeOffset.UtcNow);
        await using var held = await Hold("LOCK TABLE mine");

        var work = Task.Run(() => storage.Commit(new CommitRequest
        {
            Checkpoint = new CheckpointMove(Wide.Name, 0, lease.LeaseEpoch, null, 1),
            Statements = [new SqlStatement("INSERT INTO mine VALUES (1)", [])],
        }));
        await using var observer = await TestServer.Connect(Database);
        await Eventually.Get(() => CountWaiting(observer), count => count > 0, WaitTimeout);
        await other.Commit(TestData.Append("b", ExpectedVersion.NoStream, TestData.Event())).WaitAsync(WaitTimeout);
        await held.DisposeAsync();

        Assert.Equal(CommitResult.Committed, (await work.WaitAsync(WaitTimeout)).Result);
    }

    /// <summary>Returns an append whose last event contains the text at which the proxy cuts the connection.</summary>
    private static CommitRequest LongBatch()
    {
        var filler = new string('x', 10_000);
        var events = Enumerable
            .Range(0, 20)
            .Select(number => TestData.Event(payload: filler + (number == 19 ? "the end" : "")));
        return TestData.Append("a", ExpectedVersion.NoStream, [.. events]);
    }

    private static Task<ConsumerRecord> Take(PostgreSqlStorage storage, string holder, DateTimeOffset now) =>
        storage.Leases.Acquire(Wide.Name, 0, holder, TimeSpan.FromMinutes(1), now, CancellationToken.None).AsTask();

    private static CommitRequest Work(long epoch, long? from, long to, int documents = 0) =>
        new()
        {
            Documents =
            [
                .. Enumerable
                    .Range(0, documents)
                    .Select(number => new DocumentChange
                    {
                        Collection = Wide.Name,
                        Key = $"key {number}",
                        Body = Encoding.UTF8.GetBytes($"body {number}"),
                        Position = 1,
                        IsKnownNew = true,
                    }),
            ],
            Checkpoint = new CheckpointMove(Wide.Name, 0, epoch, from, to),
        };

    private static async Task<CommitOutcome?> Try(PostgreSqlStorage storage, CommitRequest request)
    {
        try
        {
            return await storage.Commit(request);
        }
        catch (StorageException failure) when (failure.IsTransient || failure.IsInDoubt)
        {
            return null;
        }
    }

    private static async Task<long> CountWaiting(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
            connection);
        return (long)(await command.ExecuteScalarAsync())!; // The count is never null.
    }

    /// <summary>Runs a statement in a transaction that stays open, and returns the connection.</summary>
    private async Task<NpgsqlConnection> Hold(string sql)
    {
        var connection = await TestServer.Connect(Database);
        await using var command = new NpgsqlCommand($"BEGIN; {sql}", connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    private async Task<PostgreSqlStorage> Open(CuttingProxy? proxy, Action<PostgreSqlOptions>? configure = null)
    {
        var address = new NpgsqlConnectionStringBuilder((await TestServer.Server).ConnectionString(Database));
        address.Port = proxy?.Port ?? address.Port;
        return await TestData.Open(Database, options =>
        {
            options.ConnectionString = address.ConnectionString;
            (options.HoldTimeout, options.LockTimeout) = (TimeSpan.FromSeconds(4), TimeSpan.FromMinutes(1));
            configure?.Invoke(options);
        });
    }
}
