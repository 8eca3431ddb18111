using System.Text;
using Millrace.Storage;

namespace Millrace.PostgreSql.Tests;

/// <summary>
/// Tests that one statement reads a snapshot with its stream, and that the store joins concurrent reads.
/// </summary>
public sealed class SnapshotReadsTests : StoreTests
{
    private const string Collection = "kept";
    private const int Callers = 64;
    private const int Streams = 12;
    private const int Events = 6;

    [PostgreSqlFact]
    public async Task Joined_snapshot_reads_return_the_same_as_separate_reads()
    {
        await using var storage = await TestData.Open(Database);
        await Fill(storage);
        var queries = Enumerable
            .Range(0, Callers)
            .Select(i => Query($"s-{i % (Streams + 2)}", limit: 1 + (i % 7)))
            .ToArray();
        var alone = new List<string>();
        foreach (var query in queries)
            alone.Add(Text(await storage.ReadSnapshot(query, CancellationToken.None)));
        Assert.Equal(0, storage.Snapshots.Joined);

        await ConcurrentCallers.ExpectSame(
            alone,
            async i => Text(await storage.ReadSnapshot(queries[i], CancellationToken.None)),
            () => storage.Snapshots.Joined);
    }

    [PostgreSqlFact]
    public async Task Events_after_a_snapshot_are_read_with_the_snapshot()
    {
        await using var storage = await TestData.Open(Database);
        await Fill(storage);

        var stored = await storage.ReadSnapshot(Query("s-4"), CancellationToken.None);
        var none = await storage.ReadSnapshot(Query("s-99"), CancellationToken.None);

        Assert.Equal("4", Encoding.UTF8.GetString(stored.Document!.Body.Span));
        Assert.Equal(new StreamHead(Events, 1, StreamState.Open), stored.Head);
        Assert.Equal([5, 6], stored.EventsAfter!.Value.Events.Select(recorded => recorded.Version));
        Assert.Equal((7, true), (stored.EventsAfter.Value.Next, stored.EventsAfter.Value.IsEnd));
        Assert.Null(none.Document);
        Assert.Empty(none.EventsAfter!.Value.Events);
    }

    [PostgreSqlFact]
    public async Task Large_events_after_a_snapshot_are_read_separately()
    {
        await using var storage = await TestData.Open(Database);
        await Fill(storage);
        var large = TestData.Event(payload: $"\"{new string('x', 20_000)}\"");
        await storage.Commit(TestData.Append("s-4", ExpectedVersion.Exactly(Events), large));

        var stored = await storage.ReadSnapshot(Query("s-4"), CancellationToken.None);

        Assert.Equal(Events + 1, stored.Head.Version);
        Assert.Null(stored.EventsAfter);
    }

    [PostgreSqlFact]
    public async Task Each_caller_gets_an_error_for_a_missing_collection()
    {
        await using var storage = await TestData.Open(Database);

        var reads = Enumerable.Range(0, Callers)
            .Select(i => Task.Run(async () => await storage.ReadSnapshot(Query($"s-{i}"), CancellationToken.None)));

        foreach (var read in reads.ToArray())
            await Assert.ThrowsAsync<StorageException>(() => read);
    }

    [PostgreSqlFact]
    public async Task A_collection_recreated_by_another_node_is_found()
    {
        await using var storage = await TestData.Open(Database);
        await using var other = await TestData.Open(Database);
        await Fill(storage);
        await storage.ReadSnapshot(Query("s-4"), CancellationToken.None);
        await other.Documents.EnsureCollection(
            new CollectionDefinition(Collection, [new FieldDefinition("at", FieldKind.Integer)]),
            CancellationToken.None);

        var stored = await storage.ReadSnapshot(Query("s-4"), CancellationToken.None);

        Assert.Null(stored.Document);
        Assert.Equal(Events, stored.EventsAfter!.Value.Events.Count);
    }

    /// <summary>Creates streams of six events. Each stream has no snapshot or a snapshot at another version.</summary>
    private static async Task Fill(PostgreSqlStorage storage)
    {
        await storage.Documents.EnsureCollection(new CollectionDefinition(Collection, []), CancellationToken.None);
        for (var version = 1; version <= Events; version++)
        {
            for (var stream = 0; stream < Streams; stream++)
            {
                var request = new CommitRequest
                {
                    Appends =
                    [
                        new StreamAppend(
                            new StreamId($"s-{stream}"),
                            ExpectedVersion.AsRead(version - 1),
                            [TestData.Event()]),
                    ],
                    Documents = stream == version ? [Snapshot(stream)] : [],
                };
                Assert.Equal(CommitResult.Committed, (await storage.Commit(request)).Result);
            }
        }
    }

    private static DocumentChange Snapshot(int stream) =>
        new() { Collection = Collection, Key = $"s-{stream}", Body = Encoding.UTF8.GetBytes($"{stream}") };

    private static SnapshotQuery Query(string stream, int limit = 1_000) =>
        new(Collection, stream, new StreamId(stream), limit);

    private static string Text(StoredSnapshot stored)
    {
        var events =
            stored.EventsAfter?.Events.Select(e => $"{e.Stream}/{e.Version}/{e.Position}/{e.Payload.Length}")
            ?? ["none"];
        return $"{stored.Document?.Version} {stored.Head} {string.Join(' ', events)} {stored.EventsAfter?.Next} "
            + $"{stored.EventsAfter?.IsEnd}";
    }
}
