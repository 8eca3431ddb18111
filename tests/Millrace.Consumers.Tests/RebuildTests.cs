using System.Collections.Concurrent;
using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Tests;

public sealed class RebuildTests
{
    private const string Collection = "cargo@1";

    [Fact]
    public async Task A_rebuild_gives_the_same_documents_and_reports_its_progress()
    {
        await using var node = await TestNode.StartCargo();
        var token = await Fill(node, 500);
        var before = await All(node, token);
        var reports = new ConcurrentQueue<RebuildProgress>();

        await node.Projections.Rebuild(Collection, new Reports(reports));
        var after = await All(node, token);

        Assert.Equal(before, after);
        Assert.Equal((500, 500), (reports.Last().Done, reports.Last().Total));
        Assert.True(reports.Last().EventsPerSecond > 0);
    }

    [Fact]
    public async Task Reads_during_a_rebuild_are_marked_as_stale()
    {
        await using var node = await TestNode.StartCargo();
        var token = await Fill(node, 30);
        await node.Cargo.Get("s1", token);
        await node.PauseAndWait(Collection);

        using var cancelling = new CancellationTokenSource();
        var rebuild = node.Projections.Rebuild(Collection, cancellationToken: cancelling.Token);
        await node.WaitUntil(Collection, status => status.Checkpoint == 0);
        var readDuringRebuild = await node.Cargo.Get("s1", new ReadAfter(token, TimeSpan.Zero));
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rebuild);
        await node.Consumers.Resume(Collection);
        var afterwards = await node.Cargo.Get("s1", token);

        Assert.Equal((null, 30), (readDuringRebuild.Value, readDuringRebuild.Freshness.LagEvents));
        Assert.True(afterwards.IsFresh);
        Assert.NotNull(afterwards.Value);
    }

    [Fact]
    public async Task Another_node_can_request_a_rebuild_and_lists_the_projections()
    {
        var storage = new InMemoryStorage();
        await using var node = await TestNode.StartCargo(storage);
        var token = await Fill(node, 40);
        await node.Cargo.Get("s1", token);
        await using var tool = await EventStore.Open(storage, EventTypeMap.Empty);

        await Projections.Of(tool).Rebuild(Collection);
        var projection = Assert.Single(await Projections.Of(tool).List());

        Assert.Equal((Collection, 10, 0), (projection.Collection, projection.Documents, projection.Consumer.LagEvents));
        await Assert.ThrowsAsync<ProjectionNotFoundException>(() => Projections.Of(tool).Rebuild("cargo@9"));
    }

    [Fact]
    public async Task Changed_fields_under_the_same_version_cause_a_rebuild()
    {
        var storage = new InMemoryStorage();
        ConsistencyToken token;
        await using (var node = await TestNode.StartCargo(storage))
        {
            token = await Fill(node, 40);
            await node.Cargo.Get("s1", token);
        }

        var changed = WithoutFields();
        await using var again = await TestNode.Start(storage, host => TestNode.Add(host, changed));
        var cargo = await changed.CreateReadModel(again.Host).Get("s1", token);

        Assert.True(cargo.IsFresh);
        Assert.NotNull(cargo.Value);
        Assert.Equal(10, (await changed.CreateReadModel(again.Host).Count([], token)).Value);
    }

    [Fact]
    public async Task A_rebuild_writes_each_document_once_for_many_events()
    {
        var storage = new FaultyStorage(new InMemoryStorage());
        await using var node = await TestNode.StartCargo(storage, options => options.BatchEvents = 100);
        var token = await Fill(node, 3_000);
        await node.Cargo.Get("s1", token);

        var before = storage.DocumentsWritten;
        await node.Projections.Rebuild(Collection);

        Assert.Equal(10, await storage.Documents.Count(Collection, [], CancellationToken.None));
        // On a slow machine, the node also writes documents during the rebuild, every two seconds.
        Assert.InRange(storage.DocumentsWritten - before, 10, 200);
    }

    [Fact]
    public async Task A_check_finds_every_document_that_differs_from_the_folded_log()
    {
        var storage = new InMemoryStorage();
        await using var node = await TestNode.StartCargo(storage);
        var token = await Fill(node, 100);
        await node.Cargo.Get("s1", token);
        var sound = await node.Projections.Check(Collection, TestNode.WaitTimeout);

        await Tamper(node, "s1", "{}"u8.ToArray());
        await Tamper(node, "s2", null);
        await Tamper(node, "s99", "{}"u8.ToArray());
        var tampered = await node.Projections.Check(Collection, TestNode.WaitTimeout);

        Assert.Equal((true, 10, 0), (sound.IsSound, sound.Compared, sound.ChangedMeanwhile));
        Assert.Equal(
            ["s1", "s2", "s99"],
            tampered.Differences.Select(difference => difference.Key).Order(StringComparer.Ordinal));
    }

    private static async Task Tamper(TestNode node, string key, byte[]? body)
    {
        var change = new DocumentChange
        {
            Collection = Collection,
            Key = key,
            Body = body is null ? (ReadOnlyMemory<byte>?)null : body,
            Fields = body is null ? [] : [key, 1],
            Position = 1,
        };
        await node.Store.Commit(
            new CommitRequest { Documents = [change] }, isBackground: false, CancellationToken.None);
    }

    private static ProjectionDefinition<string, Cargo> WithoutFields() => new()
    {
        Name = "cargo",
        Events = Harbour.Cargo().Events,
        Create = static () => new CargoProjection(),
        Document = HarbourJson.Default.Cargo,
    };

    private static async Task<ConsistencyToken> Fill(TestNode node, int events)
    {
        ConsistencyToken token = default;
        for (var i = 0; i < events; i += 10)
        {
            for (var ship = 0; ship < 10; ship++)
                token = await node.Append($"s{ship}", new Loaded($"s{ship}", i));
        }
        return token;
    }

    private static async Task<IReadOnlyList<Cargo>> All(TestNode node, ConsistencyToken token) =>
        (await node.Cargo.Query(new ReadQuery { Limit = 1_000 }, token)).Items;

    private sealed class Reports(ConcurrentQueue<RebuildProgress> reports) : IProgress<RebuildProgress>
    {
        public void Report(RebuildProgress value) => reports.Enqueue(value);
    }
}
