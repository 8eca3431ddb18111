using Millrace.PostgreSql.Schema;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>
/// Tests that consumers commit without the lock of the log, and that the store still refuses work under a lost lease.
/// </summary>
public sealed class ConsumerCommitTests : StoreTests
{
    private const int Partitions = 3;
    private const int Steps = 5; // The number of steps in one lease.
    private static readonly CollectionDefinition Plain = new("plain@1", []);
    private static readonly CollectionDefinition Ordered = new(
        "ordered@1",
        [new FieldDefinition("amount", FieldKind.Integer), new FieldDefinition("name", FieldKind.Text)]);
    private static readonly DateTimeOffset Begin = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [PostgreSqlFact]
    public async Task A_consumer_commit_does_not_wait_for_the_lock_of_the_log()
    {
        await using var storage = await TestData.Open(Database);
        await storage.Documents.EnsureCollection(Plain, CancellationToken.None);
        var lease = await Acquire(storage, "node-1", DateTimeOffset.UtcNow);
        await storage.Commit(Work(lease.LeaseEpoch, null, 0));
        await using var other = await TestServer.Connect(Database);
        var (lockClass, key) = new Tables("millrace", "millrace_documents").LogLock;
        await using var held = new NpgsqlCommand($"SELECT pg_advisory_lock({lockClass}, {key})", other);
        await held.ExecuteNonQueryAsync();

        // The test never releases the lock.
        var outcome = await storage.Commit(Work(lease.LeaseEpoch, 0, 1)).WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(CommitResult.Committed, outcome.Result);
        var document = await storage.Documents.Get(Plain.Name, "count", CancellationToken.None);
        Assert.Equal((byte)1, document?.Body.Span[0]);
    }

    [PostgreSqlFact]
    public async Task Nodes_that_compete_for_a_lease_write_each_step_once()
    {
        var nodes = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => TestData.Open(Database)));
        await nodes[0].Documents.EnsureCollection(Plain, CancellationToken.None);
        var first = await Acquire(nodes[0], "node-0", DateTimeOffset.UtcNow);
        await nodes[0].Commit(Work(first.LeaseEpoch, null, 0));

        var steps = await Task.WhenAll(nodes.Select((node, number) => Task.Run(() => Run(node, number))));

        var record = Assert.Single(await nodes[0].Leases.List(CancellationToken.None));
        Assert.Equal(steps.Sum(), record.Checkpoint);
        // No other node acquires the last lease.
        Assert.True(record.Checkpoint >= Steps, $"Only {record.Checkpoint} steps were committed.");
        var document = await nodes[0].Documents.Get(Plain.Name, "count", CancellationToken.None);
        Assert.Equal(record.Checkpoint, document?.Body.Span[0]);
        foreach (var node in nodes)
            await node.DisposeAsync();
    }

    [PostgreSqlFact]
    public async Task Only_one_node_writes_a_document_that_must_be_new()
    {
        var nodes = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => TestData.Open(Database)));
        await nodes[0].Documents.EnsureCollection(Plain, CancellationToken.None);
        for (var round = 0; round < 20; round++)
        {
            var outcomes = await Task.WhenAll(
                nodes.Select(node =>
                    Task.Run(() =>
                        node.Commit(
                            new CommitRequest
                            {
                                Documents =
                                [
                                    new DocumentChange
                                    {
                                        Collection = Plain.Name,
                                        Key = $"{round}",
                                        FromVersion = 0,
                                        Body = "{}"u8.ToArray(),
                                    },
                                ],
                            }
                        )
                    )
                )
            );
            Assert.Single(outcomes, outcome => outcome.Result == CommitResult.Committed);
            Assert.Equal(2, outcomes.Count(outcome => outcome.Refusal is DocumentConflictException));
        }
        foreach (var node in nodes)
            await node.DisposeAsync();
    }

    [PostgreSqlFact]
    public async Task A_collection_does_not_take_over_from_a_collection_that_advances_concurrently()
    {
        await using var storage = await TestData.Open(Database);
        foreach (var consumer in new[] { "sales@1", "sales@2" })
            await storage.Leases.Reset(consumer, 3, CancellationToken.None);
        var row = new ReadModelRecord { Name = "sales", Live = "sales@1", Building = "sales@2" };
        await storage.Documents.PutReadModel(row, null, CancellationToken.None);
        await using var other = await TestServer.Connect(Database);
        var commit = await other.BeginTransactionAsync();
        await using var move = new NpgsqlCommand(
            "UPDATE millrace.consumers SET checkpoint = 4 WHERE consumer = 'sales@1'", other, commit);
        await move.ExecuteNonQueryAsync();

        var switched = row with { Live = "sales@2", Kept = "sales@1", Building = null, Revision = 1 };
        var switching = Task.Run(() =>
            storage.Documents.PutReadModel(switched, "sales@1", CancellationToken.None).AsTask());
        await Eventually.Get(
            async () => switching.IsCompleted || await HasWaiters(), static isTrue => isTrue, TimeSpan.FromMinutes(1));
        await commit.CommitAsync();

        Assert.False(await switching);
        Assert.Equal("sales@1", Assert.Single(await storage.Documents.ListReadModels(CancellationToken.None)).Live);
    }

    [PostgreSqlFact]
    public async Task A_consumer_commit_in_one_round_trip_gives_the_same_results_as_the_general_path()
    {
        var other = await TestServer.CreateStore();
        await using (var general = await TestData.Open(other))
        {
            await using var fast = await TestData.Open(Database);
            general.ConsumerCommits.IsEnabled = false;
            await using var model = new InMemoryStorage();
            await model.Open(CancellationToken.None);
            IStorage[] all = [model, general, fast];
            foreach (var storage in all)
            {
                await storage.Documents.EnsureCollection(Ordered, CancellationToken.None);
                await storage.Log.Commit(
                    [TestData.Append("a", ExpectedVersion.NoStream, TestData.Event())],
                    Begin,
                    CancellationToken.None);
                for (var partition = 0; partition < Partitions; partition++)
                {
                    await storage.Leases.Acquire(
                        "sales", partition, "node", TimeSpan.FromHours(1), Begin, CancellationToken.None);
                    await storage.Log.Commit([Move(partition, 1, null, 0)], Begin, CancellationToken.None);
                }
            }
            for (var seed = 1; seed <= 60; seed++)
                await Compare(seed, all);

            Assert.True(
                fast.ConsumerCommits.Hits > 40,
                $"Only {fast.ConsumerCommits.Hits} batches were committed in one round trip.");
            Assert.Equal(0, general.ConsumerCommits.Hits);
            var expected = await Documents(model);
            Assert.Equal(expected, await Documents(general));
            Assert.Equal(expected, await Documents(fast));
            Assert.Equal(await Checkpoints(model), await Checkpoints(fast));
            Assert.Equal(await Problems(general), await Problems(fast));
        }
        await TestServer.Return(other);
    }

    [PostgreSqlTheory]
    [InlineData(Cut.Before)]
    [InlineData(Cut.After)]
    public async Task A_consumer_commit_with_a_cut_connection_reports_its_outcome(Cut cut)
    {
        await using var proxy = new CuttingProxy((await TestServer.Server).Port);
        await using var storage = await TestData.OpenThroughProxy(proxy, Database);
        await storage.Documents.EnsureCollection(Plain, CancellationToken.None);
        var lease = await Acquire(storage, "node-1", DateTimeOffset.UtcNow);
        await storage.Commit(Work(lease.LeaseEpoch, null, 0));
        await storage.Commit(WorkWithPosition(lease.LeaseEpoch, 0, 1, "before"));
        Assert.Equal(1, storage.ConsumerCommits.Hits);
        proxy.CutAt("cut here"u8, cut);

        CommitOutcome? outcome = null;
        var failure = await Record.ExceptionAsync(async () =>
            outcome = await storage.Commit(WorkWithPosition(lease.LeaseEpoch, 1, 2, "cut here")));

        var document = await storage.Documents.Get(Plain.Name, "count", CancellationToken.None);
        var record = Assert.Single(await storage.Leases.List(CancellationToken.None));
        Assert.Equal(cut == Cut.After ? 2 : 1, record.Checkpoint);
        if (cut == Cut.After)
            Assert.Equal((CommitResult.Committed, document?.Version), (outcome?.Result, outcome?.DocumentVersion));
        else
            Assert.Equal(StorageProblem.Unavailable, Assert.IsType<StorageException>(failure).Problem);
        Assert.Equal(
            CommitResult.Committed,
            (await storage.Commit(WorkWithPosition(lease.LeaseEpoch, record.Checkpoint, 3, "after"))).Result);
    }

    [PostgreSqlFact]
    public async Task A_batch_that_arrives_after_the_node_gave_up_writes_nothing()
    {
        await using var proxy = new CuttingProxy((await TestServer.Server).Port);
        await using var storage = await TestData.OpenThroughProxy(proxy, Database);
        await storage.Documents.EnsureCollection(Plain, CancellationToken.None);
        var lease = await Acquire(storage, "node-1", DateTimeOffset.UtcNow);
        await storage.Commit(Work(lease.LeaseEpoch, null, 0));
        await storage.Commit(WorkWithPosition(lease.LeaseEpoch, 0, 1, "before"));
        proxy.CutAt("too late"u8, Cut.Late);

        var failure = await Record.ExceptionAsync(() =>
            storage.Commit(WorkWithPosition(lease.LeaseEpoch, 1, 2, "too late")));
        await proxy.DeliverLate();

        Assert.Equal(StorageProblem.Unavailable, Assert.IsType<StorageException>(failure).Problem);
        Assert.Equal(1, Assert.Single(await storage.Leases.List(CancellationToken.None)).Checkpoint);
        Assert.Equal(
            CommitResult.Committed,
            (await storage.Commit(WorkWithPosition(lease.LeaseEpoch, 1, 2, "in time"))).Result);
        var document = await storage.Documents.Get(Plain.Name, "count", CancellationToken.None);
        Assert.Equal("in time"u8.ToArray(), document?.Body.ToArray());
    }

    /// <summary>
    /// The batch reads the generation of the log, and then waits for a row that another client has locked. Meanwhile,
    /// the node checks another row of the batch, finds no change, and increases the generation.
    /// </summary>
    [PostgreSqlFact]
    public async Task A_batch_that_the_node_gives_up_while_it_waits_for_rows_writes_nothing()
    {
        await using var proxy = new CuttingProxy((await TestServer.Server).Port);
        await using var storage = await TestData.OpenThroughProxy(proxy, Database);
        await storage.Documents.EnsureCollection(Plain, CancellationToken.None);
        foreach (var consumer in new[] { "a", "b" })
        {
            await storage.Leases.Acquire(
                consumer, 0, "node-1", TimeSpan.FromHours(1), DateTimeOffset.UtcNow, CancellationToken.None);
            await storage.Commit(Of(consumer, null, 0, "begun"));
        }
        await storage.Log.Commit(
            [Of("b", 0, 1, "in time"), Of("a", 0, 1)],
            DateTimeOffset.UtcNow,
            CancellationToken.None);
        Assert.Equal(1, storage.ConsumerCommits.Hits);
        var (lockClass, key) = new Tables("millrace", "millrace_documents").LogLock;
        // The node needs this lock to check whether the batch was written, so the check waits.
        await using var logLock = await Begin($"SELECT pg_advisory_xact_lock({lockClass}, {key})");
        await using var row = await Begin("SELECT FROM millrace.consumers WHERE consumer = 'a' FOR UPDATE");

        proxy.CutAt("too late"u8, Cut.Late);
        var failing = Record.ExceptionAsync(() =>
            storage
                .Log.Commit([Of("b", 1, 2, "too late"), Of("a", 1, 2)], DateTimeOffset.UtcNow, CancellationToken.None)
                .AsTask());
        var delivered = proxy.DeliverLate();
        await Eventually.Get(IsWaitingForRow, static isTrue => isTrue, TimeSpan.FromMinutes(1));
        await logLock.DisposeAsync();
        var failure = await failing;
        await row.DisposeAsync();
        await delivered.WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(StorageProblem.Unavailable, Assert.IsType<StorageException>(failure).Problem);
        Assert.All(
            await storage.Leases.List(CancellationToken.None), static record => Assert.Equal(1, record.Checkpoint));
        var document = await storage.Documents.Get(Plain.Name, "count", CancellationToken.None);
        Assert.Equal("in time"u8.ToArray(), document?.Body.ToArray());

        static CommitRequest Of(string consumer, long? from, long to, string? body = null) => new()
        {
            Documents = body is null ? [] : WorkWithPosition(1, from, to, body).Documents,
            Checkpoint = new CheckpointMove(consumer, 0, 1, from, to),
        };

        async Task<NpgsqlConnection> Begin(string sql)
        {
            var connection = await TestServer.Connect(Database);
            await using var command = new NpgsqlCommand($"BEGIN; {sql}", connection);
            await command.ExecuteNonQueryAsync();
            return connection;
        }
    }

    [PostgreSqlFact]
    public async Task A_collection_is_emptied_while_its_consumer_keeps_committing()
    {
        await using var storage = await TestData.Open(Database);
        await using var other = await TestData.Open(Database);
        await storage.Documents.EnsureCollection(Plain, CancellationToken.None);
        var lease = await Acquire(storage, "node-1", DateTimeOffset.UtcNow);
        await storage.Commit(Work(lease.LeaseEpoch, null, 0));
        var working = Task.Run(async () =>
        {
            for (var checkpoint = 0L; ; checkpoint++)
            {
                var request = WorkWithPosition(lease.LeaseEpoch, checkpoint, checkpoint + 1, "more");
                if ((await storage.Commit(request)).Result != CommitResult.Committed)
                    return checkpoint;
            }
        });
        await Eventually.Until(() => storage.ConsumerCommits.Hits > 20);

        await other.Documents.Clear(Plain.Name, "sales", CancellationToken.None);

        Assert.True(await working > 20);
        Assert.Null(await other.Documents.Get(Plain.Name, "count", CancellationToken.None));
    }

    /// <summary>
    /// Commits the same consumer batches to each storage and compares the results. Most batches are valid, and some
    /// have a wrong checkpoint or an old lease.
    /// </summary>
    private static async Task Compare(int seed, IStorage[] storages)
    {
        var random = new Random(seed);
        for (var step = 0; step < 4; step++)
        {
            var records = await storages[0].Leases.List(CancellationToken.None);
            var batch = records
                .Where(_ => random.Next(2) == 0)
                .Select(record =>
                {
                    var from = record.Checkpoint + (random.Next(12) == 0 ? 1 : 0);
                    var epoch = record.LeaseEpoch - (random.Next(16) == 0 ? 1 : 0);
                    return Move(
                        record.Partition,
                        epoch,
                        from,
                        (from ?? 0) + random.Next(12),
                        Changes(random, record.Partition));
                })
                .ToArray();
            if (random.Next(10) == 0)
                batch = [.. batch, TestData.Append($"s-{seed}", ExpectedVersion.Any, TestData.Event())];
            var expected = await storages[0].Log.Commit(batch, Begin.AddMinutes(seed), CancellationToken.None);
            foreach (var storage in storages[1..])
            {
                var actual = await storage.Log.Commit(batch, Begin.AddMinutes(seed), CancellationToken.None);
                for (var i = 0; i < batch.Length; i++)
                {
                    Assert.Equal(
                        (expected[i].Result, expected[i].Position, expected[i].Timestamp, expected[i].Refusal?.Message),
                        (actual[i].Result, actual[i].Position, actual[i].Timestamp, actual[i].Refusal?.Message));
                    Assert.Equal(expected[i].DocumentVersion > 0, actual[i].DocumentVersion > 0);
                }
            }
        }
    }

    private static DocumentChange[] Changes(Random random, int partition) =>
    [
        .. Enumerable.Range(0, random.Next(6)).Select(_ => random.Next(5)).Distinct().Select(key => new DocumentChange
        {
            Collection = Ordered.Name,
            Key = $"{partition}-{key}",
            Body = random.Next(20) == 0 ? null : BitConverter.GetBytes(random.Next()),
            Fields = [random.Next(100), random.Next(3) == 0 ? FieldValue.Null : $"name {key}"],
            Position = random.Next(30) == 0 ? 0 : random.Next(1, 50),
        }),
    ];

    private static CommitRequest Move(
        int partition,
        long epoch,
        long? from,
        long to,
        params DocumentChange[] documents
    ) => new() { Documents = documents, Checkpoint = new CheckpointMove("sales", partition, epoch, from, to) };

    private static async Task<List<string>> Documents(IStorage storage)
    {
        var page = await storage.Documents.Query(
            new DocumentQuery { Collection = Ordered.Name, Limit = 500 }, CancellationToken.None);
        return [.. page.Documents.Select(item => $"{item.Key} {item.Position} {Convert.ToHexString(item.Body.Span)}")];
    }

    /// <summary>
    /// Returns the problems that a verification of the store finds. The checkpoints of this test exceed the log, which
    /// is a problem on both paths.
    /// </summary>
    private static async Task<List<string>> Problems(PostgreSqlStorage storage) =>
        [
            .. (await storage.Maintenance.Verify(null, CancellationToken.None)).Checks.SelectMany(check =>
                check.Problems),
        ];

    private static async Task<List<string>> Checkpoints(IStorage storage) =>
        [
            .. (await storage.Leases.List(CancellationToken.None)).Select(item =>
                $"{item.Partition} {item.LeaseEpoch} {item.Checkpoint}"),
        ];

    private static CommitRequest WorkWithPosition(long epoch, long? from, long to, string body) => new()
    {
        Documents =
        [
            new DocumentChange
            {
                Collection = Plain.Name, Key = "count", Body = System.Text.Encoding.UTF8.GetBytes(body), Position = to,
            },
        ],
        Checkpoint = new CheckpointMove("sales", 0, epoch, from, to),
    };

    private Task<bool> HasWaiters() => IsWaiting("true");

    private Task<bool> IsWaitingForRow() => IsWaiting("wait_event IN ('transactionid', 'tuple')");

    private async Task<bool> IsWaiting(string condition)
    {
        await using var connection = await TestServer.Connect(Database);
        await using var query = new NpgsqlCommand(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                + $"wait_event_type = 'Lock' AND {condition}",
            connection);
        return (long)(await query.ExecuteScalarAsync())! > 0;
    }

    /// <summary>Acquires the lease repeatedly, and commits under it until another node has acquired it.</summary>
    private static async Task<long> Run(PostgreSqlStorage node, int number)
    {
        var steps = 0L;
        for (var turn = 0; turn < 12; turn++)
        {
            // By the clock of this node, the previous lease has expired.
            var lease = await Acquire(node, $"node-{number}", DateTimeOffset.UtcNow.AddHours((turn * 3) + number));
            for (
                var (i, checkpoint) = (0, lease.Checkpoint ?? 0);
                i < Steps && lease.Holder == $"node-{number}";
                i++, checkpoint++)
            {
                var outcome = await node.Commit(Work(lease.LeaseEpoch, checkpoint, checkpoint + 1));
                if (outcome.Result != CommitResult.Committed)
                {
                    Assert.IsType<LeaseLostException>(outcome.Refusal);
                    break;
                }
                steps++;
            }
        }
        return steps;
    }

    private static async Task<ConsumerRecord> Acquire(PostgreSqlStorage storage, string holder, DateTimeOffset now) =>
        await storage.Leases.Acquire("sales", 0, holder, TimeSpan.FromMinutes(1), now, CancellationToken.None);

    private static CommitRequest Work(long epoch, long? from, long to) => new()
    {
        Documents = [new DocumentChange { Collection = Plain.Name, Key = "count", Body = new[] { (byte)to } }],
        Checkpoint = new CheckpointMove("sales", 0, epoch, from, to),
    };
}
