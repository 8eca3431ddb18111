using Millrace.Storage;
using Millrace.Testing;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>The work of consumers is committed beside the log, and fenced all the same.</summary>
public sealed class BesideTests : StoreTests
{
    private static readonly CollectionDefinition Plain = new("plain@1", []);

    [PostgreSqlFact]
    public async Task The_work_of_a_consumer_does_not_wait_for_the_log()
    {
        await using var storage = await Given.Open(Database);
        await storage.Documents.EnsureCollection(Plain, CancellationToken.None);
        var lease = await Acquire(storage, "node-1", DateTimeOffset.UtcNow);
        await storage.Commit(Work(lease.LeaseEpoch, null, 0));
        await using var other = await TestServer.Connect(Database);
        var (lockClass, key) = new Tables("millrace", "millrace_documents").LogLock;
        await using var held = new NpgsqlCommand($"SELECT pg_advisory_lock({lockClass}, {key})", other);
        await held.ExecuteNonQueryAsync();

        var outcome = await storage.Commit(Work(lease.LeaseEpoch, 0, 1)).WaitAsync(TimeSpan.FromSeconds(5));

        Assert.Equal(CommitResult.Committed, outcome.Result);
        var document = await storage.Documents.Get(Plain.Name, "count", CancellationToken.None);
        Assert.Equal((byte)1, document?.Body.Span[0]);
    }

    [PostgreSqlFact]
    public async Task Nodes_that_take_the_lease_from_each_other_write_each_step_once()
    {
        var nodes = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Given.Open(Database)));
        await nodes[0].Documents.EnsureCollection(Plain, CancellationToken.None);
        var first = await Acquire(nodes[0], "node-0", DateTimeOffset.UtcNow);
        await nodes[0].Commit(Work(first.LeaseEpoch, null, 0));

        var steps = await Task.WhenAll(nodes.Select((node, number) => Task.Run(() => Run(node, number))));

        var record = Assert.Single(await nodes[0].Leases.List(CancellationToken.None));
        Assert.Equal(steps.Sum(), record.Checkpoint);
        Assert.True(record.Checkpoint > 20, $"Only {record.Checkpoint} steps were made.");
        var document = await nodes[0].Documents.Get(Plain.Name, "count", CancellationToken.None);
        Assert.Equal(record.Checkpoint, document?.Body.Span[0]);
        foreach (var node in nodes)
            await node.DisposeAsync();
    }

    [PostgreSqlFact]
    public async Task A_document_that_must_be_new_is_written_by_one_node_alone()
    {
        var nodes = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Given.Open(Database)));
        await nodes[0].Documents.EnsureCollection(Plain, CancellationToken.None);
        for (var round = 0; round < 20; round++)
        {
            var outcomes = await Task.WhenAll(nodes.Select(node => Task.Run(() => node.Commit(new CommitRequest
            {
                Documents = [new DocumentChange { Collection = Plain.Name, Key = $"{round}", FromVersion = 0, Body = "{}"u8.ToArray() }],
            }))));
            Assert.Single(outcomes, outcome => outcome.Result == CommitResult.Committed);
            Assert.Equal(2, outcomes.Count(outcome => outcome.Refusal is DocumentConflictException));
        }
        foreach (var node in nodes)
            await node.DisposeAsync();
    }

    [PostgreSqlFact]
    public async Task A_collection_does_not_take_over_from_one_that_moves_on_in_the_same_moment()
    {
        await using var storage = await Given.Open(Database);
        foreach (var consumer in new[] { "sales@1", "sales@2" })
            await storage.Leases.Reset(consumer, 3, CancellationToken.None);
        var row = new ReadModelRecord { Name = "sales", Live = "sales@1", Building = "sales@2" };
        await storage.Documents.PutReadModel(row, null, CancellationToken.None);
        await using var other = await TestServer.Connect(Database);
        var commit = await other.BeginTransactionAsync();
        await using var move = new NpgsqlCommand("UPDATE millrace.consumers SET checkpoint = 4 WHERE consumer = 'sales@1'", other, commit);
        await move.ExecuteNonQueryAsync();

        var over = row with { Live = "sales@2", Kept = "sales@1", Building = null, Revision = 1 };
        var switching = Task.Run(() => storage.Documents.PutReadModel(over, "sales@1", CancellationToken.None).AsTask());
        await Eventually.Is(
            async () => switching.IsCompleted || await IsAnybodyWaiting(), static it => it, TimeSpan.FromSeconds(30));
        await commit.CommitAsync();

        Assert.False(await switching);
        Assert.Equal("sales@1", Assert.Single(await storage.Documents.ListReadModels(CancellationToken.None)).Live);
    }

    private async Task<bool> IsAnybodyWaiting()
    {
        await using var looking = await TestServer.Connect(Database);
        await using var look = new NpgsqlCommand(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'", looking);
        return (long)(await look.ExecuteScalarAsync())! > 0;
    }

    /// <summary>Takes the lease now and then, and works under it until somebody else has taken it.</summary>
    private static async Task<long> Run(PostgreSqlStorage node, int number)
    {
        var steps = 0L;
        for (var turn = 0; turn < 12; turn++)
        {
            // The lease of the one before has run out, for this node's clock.
            var lease = await Acquire(node, $"node-{number}", DateTimeOffset.UtcNow.AddHours((turn * 3) + number));
            for (var (i, at) = (0, lease.Checkpoint ?? 0); i < 5 && lease.Holder == $"node-{number}"; i++, at++)
            {
                var outcome = await node.Commit(Work(lease.LeaseEpoch, at, at + 1));
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
