using Millrace.Sqlite.Driver;
using Millrace.Storage;

namespace Millrace.Sqlite.Tests;

/// <summary>Tests that verification finds damage that a test makes directly in the file.</summary>
public sealed class VerifyTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<string, string> Damages => new()
    {
        { "UPDATE events SET payload = x'00' WHERE position = 5", "position 5 was altered" },
        { "UPDATE events SET metadata = x'7B7D' WHERE position = 5", "position 5 was altered" },
        { "UPDATE events SET id = randomblob(16) WHERE position = 5", "position 5 was altered" },
        { "UPDATE events SET timestamp = timestamp - 1000000 WHERE position = 5", "older than the one before" },
        { "UPDATE events SET type = 99 WHERE position = 5", "type of the event at position 5 is lost" },
        { "DELETE FROM names WHERE name = 'order.placed'", "type of the event at position 1 is lost" },
        { "UPDATE events SET tags = 'x' WHERE position = 1", "invalid tags" },
        { "UPDATE events SET version = 77 WHERE position = 5", "are lost" },
        { "DELETE FROM events WHERE position = 5", "4 events are missing, but 3 removals are recorded" },
        {
            "DELETE FROM events WHERE stream = 2 AND version = (SELECT max(version) FROM events WHERE stream = 2)",
            "4 events are missing, but 3 removals are recorded"
        },
        { "DELETE FROM event_tags WHERE position = 1", "not found by its tag" },
        { "INSERT INTO event_tags (tag, position) VALUES ('customer:9', 5)", "index of tags has" },
        { "DELETE FROM streams WHERE name = 'order-1'", "name of stream" },
        { "INSERT INTO streams (name) VALUES ('order-9')", "has no event" },
        { "UPDATE streams SET state = 1 WHERE name = 'order-1'", "but its stored first version is" },
        { "UPDATE consumers SET checkpoint = 1000", "the log ends at" },
        { "UPDATE handled SET position = 1000", "the log ends at" },
        { DeadLetterAt(1000, 4), "beyond its consumer's checkpoint" },
        { DeadLetterAt(5, 1) + "; UPDATE consumers SET checkpoint = 4", "beyond its consumer's checkpoint" },
        { "UPDATE doc_1 SET position = 1000", "the log ends at" },
        { "UPDATE doc_1 SET version = 100000", "no version above" },
        { "DELETE FROM removals", "events are missing" },
    };

    public void Dispose() => _directory.Dispose();

    private static string DeadLetterAt(long position, int state) =>
        "INSERT INTO dead_letters (revision, consumer, partition, position, key, stream, version, event_type, "
            + $"event_id, state, attempts) SELECT 1, consumer, partition, {position}, 'k', 's', 1, 't', "
            + $"randomblob(16), {state}, 1 FROM consumers LIMIT 1";

    [Fact]
    public async Task An_undamaged_store_is_sound_and_its_removals_are_counted()
    {
        await using var storage = await TestData.Open(_directory["shop.db"]);
        await Fill(storage);

        var report = await storage.Maintenance.Verify(null, TestData.Cancel);

        Assert.Empty(report.Checks.SelectMany(check => check.Problems));
        Assert.Equal((3, 0), (report.RemovedEvents, report.LostEvents));
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Damage_of_each_kind_is_found(string damage, string expected)
    {
        await using var storage = await TestData.Open(_directory["shop.db"]);
        await Fill(storage);
        using (var connection = Connection.Open(_directory["shop.db"], ConnectionKind.Write, TimeSpan.FromMinutes(1)))
            connection.Execute(damage);

        var report = await storage.Maintenance.Verify(null, TestData.Cancel);

        Assert.False(report.IsSound);
        Assert.Contains(
            report.Checks.SelectMany(check => check.Problems),
            problem => problem.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_lost_event_is_distinguished_from_a_removed_one()
    {
        await using var storage = await TestData.Open(_directory["shop.db"]);
        await Fill(storage);
        using (var connection = Connection.Open(_directory["shop.db"], ConnectionKind.Write, TimeSpan.FromMinutes(1)))
            connection.Execute("DELETE FROM events WHERE position IN (5, 6)");

        var report = await storage.Maintenance.Verify(null, TestData.Cancel);

        Assert.Equal((3, 2), (report.RemovedEvents, report.LostEvents));
    }

    [Fact]
    public async Task One_problem_neither_hides_nor_causes_another()
    {
        await using var storage = await TestData.Open(_directory["shop.db"]);
        await Fill(storage);
        using (var connection = Connection.Open(_directory["shop.db"], ConnectionKind.Write, TimeSpan.FromMinutes(1)))
            connection.Execute(
                "UPDATE events SET type = 99 WHERE position = 5; UPDATE events SET payload = x'00' WHERE position = 6");

        var report = await storage.Maintenance.Verify(null, TestData.Cancel);

        Assert.Equal(2, report.Checks.Sum(check => check.Problems.Count));
    }

    [Fact]
    public async Task Bytes_overwritten_in_the_file_are_found()
    {
        var path = _directory["shop.db"];
        await using (var storage = await TestData.Open(path))
        {
            for (var i = 0; i < 50; i++)
                await storage.Commit(TestData.Append($"order-{i}", TestData.Event(bytes: 900)));
        }
        using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite))
        {
            for (var offset = 30L * 4096; offset < RandomAccess.GetLength(file); offset += 4096)
                RandomAccess.Write(file, [.. Enumerable.Repeat((byte)0xAA, 200)], offset + 1500);
        }
        await using var damaged = await TestData.Open(path);

        var report = await damaged.Maintenance.Verify(null, TestData.Cancel);

        Assert.False(report.IsSound);
    }

    [Fact]
    public async Task The_progress_of_a_verification_reaches_the_end_of_the_log()
    {
        await using var storage = await TestData.Open(_directory["shop.db"]);
        await Fill(storage);
        var progress = new LastReport();

        await storage.Maintenance.Verify(progress, TestData.Cancel);

        Assert.Equal((await storage.Log.GetHead(TestData.Cancel)).Position, progress.Last.Done);
    }

    private static async Task Fill(SqliteStorage storage)
    {
        await storage.Documents.EnsureCollection(new CollectionDefinition("sales", []), TestData.Cancel);
        var tagged = new EncodedEvent
        {
            Id = new Guid(1, 1, 1, new byte[8]),
            Type = "order.placed",
            Payload = new byte[5],
            Tags = [new Tag("customer", "1")],
        };
        await storage.Commit(TestData.Append("order-1", tagged, TestData.Event()));
        await storage.Commit(
            TestData.Append("order-2", TestData.Event(), TestData.Event(), TestData.Event(), TestData.Event()));
        await storage.Commit(
            TestData.Append("order-3", TestData.Event(), TestData.Event(), TestData.Event(), TestData.Event()));
        await storage.Commit(TestData.Append("order-1", TestData.Event(), TestData.Event()));
        await storage.Commit(
            new CommitRequest
            {
                Documents =
                [
                    new DocumentChange
                    {
                        Collection = "sales",
                        Key = "2026",
                        Body = new byte[10],
                    },
                ],
                Checkpoint = new CheckpointMove("sales", 0, 0, null, 12),
                Handled = [new HandledMark("orders", "1", new byte[3], TestData.Now.AddDays(1))],
            }
        );
        var removal = new StreamRemoval(
            new StreamId("order-3"), RemovalKind.Truncate, 4, ExpectedVersion.Any, "too old", null);
        await storage.Commit(new CommitRequest { Removals = [removal] });
    }

    private sealed class LastReport : IProgress<MaintenanceProgress>
    {
        public MaintenanceProgress Last { get; private set; }

        public void Report(MaintenanceProgress value) => Last = value;
    }
}
