using System.Text.Json.Serialization;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>The cargo of a ship, with a required member that older documents do not have.</summary>
public sealed record Freight(string Ship, int Crates)
{
    [JsonRequired]
    public string Flag { get; init; } = "";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Freight))]
internal sealed partial class FreightJson : JsonSerializerContext;

public sealed class FreightProjection : Projection<string, Freight>
{
    protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys) =>
        keys.Add(((Loaded)recorded.Data).Ship);

    protected internal override Freight? Fold(string key, Freight? document, RecordedEvent recorded) =>
        new(key, (document?.Crates ?? 0) + ((Loaded)recorded.Data).Crates) { Flag = "gb" };
}

/// <summary>The second version of the cargo projection. It counts every crate twice.</summary>
public sealed class DoubleCountingProjection : Projection<string, Cargo>
{
    private readonly CargoProjection _once = new();

    protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys) =>
        _once.CollectKeys(recorded, keys);

    protected internal override Cargo? Fold(string key, Cargo? document, RecordedEvent recorded)
    {
        var crates = document?.Crates ?? 0;
        return _once.Fold(key, document, recorded) is { } once
            ? once with
            {
                Crates = crates + (2 * (once.Crates - crates)),
            }
            : null;
    }
}

/// <summary>The second version of the cargo projection. It cannot fold an event with thirteen crates.</summary>
public sealed class ThirteenRejectingProjection : Projection<string, Cargo>
{
    private readonly CargoProjection _correct = new();

    protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys) =>
        _correct.CollectKeys(recorded, keys);

    protected internal override Cargo? Fold(string key, Cargo? document, RecordedEvent recorded) =>
        recorded.Data is Loaded { Crates: 13 }
            ? throw new NotSupportedException("Not thirteen.")
            : _correct.Fold(key, document, recorded);
}

/// <summary>Tests of two versions of an application on one store. Old and new nodes run concurrently.</summary>
public sealed class DeployTests
{
    private static readonly ProjectionDefinition<string, Cargo> Old = Harbour.Cargo();

    private static readonly ProjectionDefinition<string, Cargo> New = Harbour.Cargo(
        version: 2, create: static () => new DoubleCountingProjection());

    [Fact]
    public async Task Old_and_new_nodes_read_their_own_versions_before_and_after_the_switch()
    {
        using var file = new ShopFile();
        await using var old = await TestNode.Start(file.Open(), host => TestNode.Add(host, Old));
        await AppendLoads(old, 100);
        await using var other = await TestNode.Start(file.Open(), host => TestNode.Add(host, New));

        await WaitUntil(other, row => row.Live == "cargo@2");
        var token = await AppendLoads(old, 20);
        var (before, after) = (await Read(old, Old, token), await Read(other, New, token));
        var row = Assert.Single(await other.Projections.Catalog());

        Assert.Equal((true, 120), (before.IsFresh, before.Value!.Crates));
        Assert.Equal((true, 240), (after.IsFresh, after.Value!.Crates));
        Assert.Equal(("cargo@2", "cargo@1"), (row.Live, row.Kept));
        Assert.True((await new Projections(other.Host, [New]).Check("cargo@2", TestNode.WaitTimeout)).IsSound);
    }

    [Fact]
    public async Task Until_the_switch_the_new_version_serves_the_documents_of_the_old_one()
    {
        var storage = new InMemoryStorage();
        await using var old = await TestNode.Start(storage, host => TestNode.Add(host, Old));
        await AppendLoads(old, 30);
        await using var other = await TestNode.Start(storage, host => TestNode.Add(host, New), SwitchManually);
        var token = await AppendLoads(old, 10);
        Assert.True(await other.Consumers.WaitFor("cargo@2", token, TestNode.WaitTimeout));

        var before = await Read(other, New, token);
        await other.Projections.Switch("cargo", TestNode.WaitTimeout);
        var after = await Read(other, New, token);
        await other.Projections.SwitchBack("cargo", TestNode.WaitTimeout);
        var back = await Read(other, New, token);

        Assert.Equal((40, 80, 40), (before.Value!.Crates, after.Value!.Crates, back.Value!.Crates));
        Assert.True(before.IsFresh && after.IsFresh && back.IsFresh);
    }

    [Fact]
    public async Task Documents_that_the_new_version_cannot_read_are_not_served_by_it()
    {
        var storage = new InMemoryStorage();
        await using var old = await TestNode.Start(storage, host => TestNode.Add(host, Old));
        var token = await AppendLoads(old, 30);
        await Read(old, Old, token);
        var freight = new ProjectionDefinition<string, Freight>
        {
            Name = "cargo",
            Version = 2,
            Events = [typeof(Loaded)],
            Create = static () => new FreightProjection(),
            Document = FreightJson.Default.Freight,
        };
        await using var other = await TestNode.Start(storage, host => TestNode.Add(host, freight), SwitchManually);

        var read = await freight.CreateReadModel(other.Host).Get("ada", token);

        Assert.Equal("cargo@1", Assert.Single(await other.Projections.Catalog()).Live);
        Assert.Equal((30, "gb"), (read.Value!.Crates, read.Value.Flag));
    }

    [Fact]
    public async Task A_store_without_a_catalogue_keeps_its_documents()
    {
        var storage = new InMemoryStorage();
        await storage.Open(CancellationToken.None);
        await storage.Documents.EnsureCollection(new CollectionDefinition("cargo@1", []), CancellationToken.None);

        await using var node = await TestNode.Start(storage, host => TestNode.Add(host, New), SwitchManually);
        var row = Assert.Single(await node.Projections.Catalog());
        var token = await AppendLoads(node, 30);
        await node.Projections.Switch("cargo", TestNode.WaitTimeout);

        Assert.Equal(("cargo@1", "cargo@2"), (row.Live, row.Building));
        Assert.Equal(60, (await Read(node, New, token)).Value!.Crates);
    }

    [Fact]
    public async Task A_rebuild_continues_at_its_position_after_its_node_is_killed()
    {
        using var file = new ShopFile();
        var doomed = new FaultyStorage(file.Open());
        var node = await TestNode.Start(doomed, host => TestNode.Add(host, Old), options =>
        {
            TestNode.UseShortLease(options);
            UseSmallBatches(options);
        });
        await LoadMany(node);
        var commits = 0;
        doomed.NextFault = () =>
        {
            if (Interlocked.Increment(ref commits) == 4)
                doomed.Disconnect();
            return CommitFault.None;
        };
        var waiting = node.Projections.RebuildBeside("cargo");
        await Assert.ThrowsAnyAsync<Exception>(() => waiting.WaitAsync(TestNode.WaitTimeout));
        var survivors = new FaultyStorage(file.Open());
        await survivors.Open(CancellationToken.None);
        var checkpoint = (await survivors.Leases.List(CancellationToken.None))
            .First(lease => lease.Consumer == "cargo@1.2")
            .Checkpoint;

        await using var survivor = await TestNode.Start(survivors, host => TestNode.Add(host, Old), UseSmallBatches);
        var built = await survivor.Projections.RebuildBeside("cargo").WaitAsync(TestNode.WaitTimeout);

        Assert.Equal("cargo@1.2", built);
        Assert.InRange(checkpoint ?? 0, 500, 19_500);
        Assert.InRange(survivors.EventsRead, 1, 20_000 - checkpoint!.Value + 1_000);
        Assert.True((await survivor.Projections.Check(built, TestNode.WaitTimeout)).IsSound);
        await AbandonAsync(node);
    }

    private static void SwitchManually(ConsumerOptions options) => options.SwitchBuilds = BuildSwitch.Manual;

    private static void UseSmallBatches(ConsumerOptions options) =>
        (options.BatchBytes, options.CatchUpEvents) = (64 * 1024, 50);

    private static async Task AbandonAsync(TestNode node)
    {
        try
        {
            await node.DisposeAsync();
        }
        catch (StorageException)
        {
            // The storage of the node is disconnected.
        }
    }

    private static async Task<ConsistencyToken> AppendLoads(TestNode node, int events)
    {
        ConsistencyToken token = default;
        for (var i = 0; i < events; i++)
            token = await node.Append("ada", new Loaded("ada", 1));
        return token;
    }

    private static async Task LoadMany(TestNode node)
    {
        for (var i = 0; i < 40; i++)
            await node.Append("ada", [.. Enumerable.Repeat(new Loaded("ada", 1), 500)]);
        Assert.True(await node.Consumers.WaitFor("cargo@1", await node.Store.GetToken(), TestNode.WaitTimeout));
    }

    private static ValueTask<ReadResult<Cargo>> Read(
        TestNode node, ProjectionDefinition<string, Cargo> definition, ConsistencyToken token) =>
        definition.CreateReadModel(node.Host).Get("ada", token);

    private static Task<ReadModelRecord> WaitUntil(TestNode node, Func<ReadModelRecord, bool> condition) =>
        Eventually.Get(async () => Assert.Single(await node.Projections.Catalog()), condition, TestNode.WaitTimeout);
}
