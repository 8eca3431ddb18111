using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Store;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>Tests that a requested rebuild keeps its conditions when other requests arrive concurrently.</summary>
public sealed class BuildReviewTests
{
    private const string First = "cargo@1";
    private const string Second = "cargo@1.2";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_rebuild_keeps_waiting_for_its_review_when_another_one_is_requested(bool isOnDisk)
    {
        using var file = new ShopFile();
        await using var node = await TestNode.StartCargo(isOnDisk ? file.Open() : new InMemoryStorage());
        await node.Append("ada", new Loaded("ada", 1));
        await node.Projections.RebuildBeside("cargo", BuildSwitch.Manual);

        var joined = await Assert.ThrowsAsync<ReadModelBuildException>(() => node.Projections.RebuildBeside("cargo"));
        var begun = await Assert.ThrowsAsync<ReadModelBuildException>(() =>
            node.Projections.StartRebuildBeside("cargo").AsTask());
        var same = await node.Projections.RebuildBeside("cargo", BuildSwitch.Manual);
        var row = Assert.Single(await node.Projections.Catalog());
        await node.Projections.Switch("cargo", TestNode.WaitTimeout);

        Assert.Contains("waits for a review", joined.Message, StringComparison.Ordinal);
        Assert.Contains("projections switch cargo", begun.Message, StringComparison.Ordinal);
        Assert.Equal((Second, First, Second, false), (same, row.Live, row.Building, row.SwitchesAutomatically));
        Assert.Equal(Second, Assert.Single(await node.Projections.Catalog()).Live);
    }

    [Fact]
    public async Task A_caller_that_waits_for_a_rebuild_learns_that_the_rebuild_needs_a_review()
    {
        await using var node = await TestNode.StartCargo();
        await node.Append("ada", new Loaded("ada", 1));
        await node.Projections.StartRebuildBeside("cargo", BuildSwitch.Manual);
        await node.PauseAndWait(Second); // The rebuild does not handle the events that are appended later.
        await node.Append("ada", new Loaded("ada", 1));
        // The live collection must be ahead, so that the rebuild cannot take over.
        await node.WaitUntil(First, status => status.LagEvents == 0);
        await MakeSwitchAutomatic(node);
        var waiting = node.Projections.RebuildBeside("cargo");

        await node.Projections.StartRebuildBeside("cargo", BuildSwitch.Manual);
        await node.Consumers.Resume(Second);

        var error = await Assert.ThrowsAsync<ReadModelBuildException>(() => waiting.WaitAsync(TestNode.WaitTimeout));
        Assert.Contains("waits for a review", error.Message, StringComparison.Ordinal);
        Assert.Equal(First, Assert.Single(await node.Projections.Catalog()).Live);
    }

    [Fact]
    public async Task A_rebuild_that_takes_over_while_it_is_dropped_is_kept_with_its_predecessor()
    {
        var storage = new FaultyStorage(new InMemoryStorage());
        await using var node = await TestNode.StartCargo(storage);
        await using var operating = await EventStore.Open(storage, EventTypeMap.Empty);
        await node.Append("ada", new Loaded("ada", 1));
        await node.Projections.RebuildBeside("cargo", BuildSwitch.Manual);
        RunBefore(
            storage,
            nameof(IDocumentStorage.PutReadModel),
            () => node.Projections.Switch("cargo", TestNode.WaitTimeout));

        var late = await Assert.ThrowsAsync<ReadModelBuildException>(() =>
            Projections.Of(operating).Drop("cargo").AsTask());

        var row = Assert.Single(await node.Projections.Catalog());
        Assert.Contains("has taken over in the meantime", late.Message, StringComparison.Ordinal);
        Assert.Equal((Second, null, First), (row.Live, row.Building, row.Kept));
        Assert.Equal(2, (await node.Projections.List()).Count);
    }

    [Fact]
    public async Task Two_concurrent_switches_back_have_one_effect()
    {
        var storage = new FaultyStorage(new InMemoryStorage());
        await using var node = await TestNode.StartCargo(storage);
        await using var operating = await EventStore.Open(storage, EventTypeMap.Empty);
        await node.Append("ada", new Loaded("ada", 1));
        await node.Projections.RebuildBeside("cargo");
        RunBefore(
            storage,
            nameof(IDocumentStorage.PutReadModel),
            () => node.Projections.SwitchBack("cargo", TestNode.WaitTimeout));

        await Projections.Of(operating).SwitchBack("cargo", TestNode.WaitTimeout);

        var row = Assert.Single(await node.Projections.Catalog());
        Assert.Equal((First, Second), (row.Live, row.Kept));
    }

    [Fact]
    public async Task An_acceptance_covers_only_the_reviewed_rebuild()
    {
        var storage = new FaultyStorage(new InMemoryStorage());
        await using var node = await TestNode.StartCargo(storage);
        await using var operating = await EventStore.Open(storage, EventTypeMap.Empty);
        await node.Append("ada", new Loaded("ada", 1));
        await node.Projections.RebuildBeside("cargo", BuildSwitch.Manual);
        RunBefore(storage, nameof(IDocumentStorage.PutReadModel), async () =>
        {
            await node.Projections.DropBuild("cargo");
            await node.Projections.RebuildBeside("cargo", BuildSwitch.Manual);
        });

        var refused = await Assert.ThrowsAsync<ReadModelBuildException>(
            () => Projections.Of(operating).Switch("cargo", TestNode.WaitTimeout));

        Assert.Contains($"'{Second}' was dropped in the meantime", refused.Message, StringComparison.Ordinal);
        Assert.Equal(First, Assert.Single(await node.Projections.Catalog()).Live);
    }

    [Fact]
    public async Task A_late_read_of_the_catalogue_does_not_revert_newer_rows()
    {
        var storage = new InMemoryStorage();
        await storage.Open(CancellationToken.None);
        var late = new TaskCompletionSource();
        var isFirst = true;
        var catalog = new ReadModelCatalog(() =>
            DelayedCatalogueDocuments.Wrap(
                storage.Documents,
                () =>
                {
                    var wait = isFirst ? late.Task : Task.CompletedTask;
                    isFirst = false;
                    return wait;
                }
            )
        );
        await storage.Documents.PutReadModel(
            new ReadModelRecord { Name = "old", Live = "old@1" }, null, CancellationToken.None);
        var slow = catalog.Refresh(CancellationToken.None);
        await storage.Documents.PutReadModel(
            new ReadModelRecord { Name = "old", Live = "old@2", Revision = 1 }, null, CancellationToken.None);
        await catalog.Put(new ReadModelRecord { Name = "new", Live = "new@1" }, null, CancellationToken.None);

        late.SetResult();
        await slow;

        Assert.Equal(("old@2", "new@1"), (catalog.Find("old")?.Live, catalog.Find("new")?.Live));
    }

    /// <summary>Runs code of other nodes immediately before a node's next call of a storage method.</summary>
    private static void RunBefore(FaultyStorage storage, string call, Func<Task> action) =>
        storage.BeforeDocuments = name =>
        {
            if (name != call)
                return;
            storage.BeforeDocuments = null;
            Assert.True(Task.Run(action).Wait(TestNode.WaitTimeout));
        };

    private static async Task MakeSwitchAutomatic(TestNode node)
    {
        var documents = node.Store.Storage.Documents;
        await Eventually.Get(
            async () =>
                await documents.PutReadModel(
                    Assert.Single(await node.Projections.Catalog()) with
                    {
                        SwitchesAutomatically = true,
                    },
                    null,
                    CancellationToken.None),
            static isPut => isPut,
            TestNode.WaitTimeout);
    }
}
