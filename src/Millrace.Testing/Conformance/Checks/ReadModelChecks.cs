using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>
/// Contains checks of the catalogue of read models, whose rows change in one transaction, and of dropped collections.
/// </summary>
internal static class ReadModelChecks
{
    private static readonly ReadModelRecord Sales = new() { Name = "sales", Live = "sales@1", Builds = 1 };

    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("A read model's row is stored exactly, and rows are listed in the order of their names", Kept_exactly),
        new("A change to a read model's row with an old revision is refused and has no effect", Old_revision),
        new("A collection takes over only after its checkpoint has reached its predecessor's checkpoint", Reached),
        new("Dropping a collection also removes its consumer, and the collection can be created again", Dropped),
        new("A collection that the catalogue names is not dropped", Named_in_the_catalogue),
        new("A collection is not dropped while a node has its lease", Leased),
        new("A retired collection is dropped when its time is reached, and removed from its row", Retired),
        new(
            "Other nodes see a change of the catalogue immediately, and it survives a restart",
            Visible_after_a_restart,
            StorageFeatures.Reopens),
    ];

    private static async Task Kept_exactly(StorageProbe probe)
    {
        var until = StorageProbe.Beginning.AddTicks(12_345_670);
        var whole = Sales with
        {
            Building = "sales@2",
            Kept = "sales@1.2",
            SwitchesAutomatically = true,
            Builds = 7,
            Retired = [new RetiredCollection("sales@3", until), new RetiredCollection("sales@4.2", until.AddDays(1))],
        };
        Expect.True(await Put(probe, whole), "a new row is refused");
        Expect.True(await Put(probe, Sales with { Name = "days", Live = "days@1" }), "another new row is refused");

        var listed = await probe.Documents.ListReadModels(probe.Cancel);

        Expect.Same(["days", "sales"], listed.Select(one => one.Name), "the names");
        Expect.Equal(whole with { Revision = 1 }, listed[1], "the row");
        Expect.Equal(Sales with { Name = "days", Live = "days@1", Revision = 1 }, listed[0], "the other row");
    }

    private static async Task Old_revision(StorageProbe probe)
    {
        await Put(probe, Sales);
        Expect.True(!await Put(probe, Sales with { Live = "sales@9" }), "an existing row is written as new");
        Expect.True(
            !await Put(probe, Sales with { Live = "sales@9", Revision = 2 }),
            "a revision that was never reached is accepted");
        Expect.True(await Put(probe, Sales with { Live = "sales@2", Revision = 1 }), "the current row is refused");
        Expect.True(
            !await Put(probe, Sales with { Live = "sales@3", Revision = 1 }), "a change of an older row is accepted");

        Expect.Equal(Sales with { Live = "sales@2", Revision = 2 }, await Row(probe), "the row");
        var retiring = Sales with { Retired = [new RetiredCollection("sales@1", probe.Now)] };
        Expect.True(await Put(probe, retiring with { Revision = 2 }), "the row with a retired collection is refused");
        Expect.True(!await Put(probe, Sales with { Revision = 2 }), "a change of an older row is accepted");
        Expect.Equal(retiring with { Revision = 3 }, await Row(probe), "the row with a retired collection");
        Expect.True(await Put(probe, Sales with { Revision = 3 }), "the row without the retired collection is refused");
        Expect.Equal(Sales with { Revision = 4 }, await Row(probe), "the row without the retired collection");
    }

    private static async Task Reached(StorageProbe probe)
    {
        await Put(probe, Sales with { Building = "sales@2" });
        await probe.Append("s", ExpectedVersion.Any, Sample.Events(1, 3));
        var takeover = Sales with { Live = "sales@2", Kept = "sales@1", Revision = 1 };
        await Move(probe, "sales@1", null, 2);
        Expect.True(
            !await probe.Documents.PutReadModel(takeover, "sales@1", probe.Cancel),
            "a collection without a checkpoint takes over");
        await Move(probe, "sales@2", null, 1);
        Expect.True(
            !await probe.Documents.PutReadModel(takeover, "sales@1", probe.Cancel),
            "a collection takes over before it has caught up");
        await Move(probe, "sales@2", 1, 2);
        Expect.True(
            await probe.Documents.PutReadModel(takeover, "sales@1", probe.Cancel),
            "a collection that has caught up does not take over");

        Expect.Equal(takeover with { Revision = 2 }, await Row(probe), "the row");
    }

    private static async Task Dropped(StorageProbe probe)
    {
        await Fill(probe, "sales@1");
        await Fill(probe, "sales@1.2");
        await Put(probe, Sales);

        Expect.True(await Drop(probe, "sales@1.2"), "a collection that no row names is not dropped");
        Expect.True(await Drop(probe, "sales@1.2"), "a missing collection cannot be dropped again");

        var remaining = await probe.Documents.List(probe.Cancel);
        Expect.Same(["sales@1"], remaining.Select(info => info.Definition.Name), "the collections");
        Expect.Same(["sales@1"], (await probe.Leases.List(probe.Cancel)).Select(one => one.Consumer), "the consumers");
        await Expect.Throws<StorageException>(
            () => probe.Documents.Get("sales@1.2", "a", probe.Cancel).AsTask(),
            "reading a dropped collection");
        await Expect.Throws<StorageException>(
            () => probe.Try(Sample.Write(Sample.Put("sales@1.2", "a", "late"))),
            "writing to a dropped collection");
        Expect.True(
            await probe.Documents.EnsureCollection(new CollectionDefinition("sales@1.2", []), probe.Cancel),
            "a dropped collection is reported to have had other fields");
        Expect.Equal(
            0, await probe.Documents.Count("sales@1.2", [], probe.Cancel), "documents of the collection created again");
        Expect.Equal(1, await probe.Documents.Count("sales@1", [], probe.Cancel), "documents of the other collection");
    }

    private static async Task Named_in_the_catalogue(StorageProbe probe)
    {
        string[] names = ["sales@1", "sales@2", "sales@3"];
        foreach (var name in names)
            await Fill(probe, name);
        await Put(probe, Sales with { Live = names[0], Building = names[1], Kept = names[2] });

        foreach (var name in names)
        {
            Expect.True(!await Drop(probe, name), $"'{name}' is dropped");
            Expect.Equal(1, await probe.Documents.Count(name, [], probe.Cancel), $"documents of '{name}'");
            Expect.True(
                (await probe.Leases.List(probe.Cancel)).Any(one => one.Consumer == name),
                $"the consumer of '{name}' is missing");
        }
    }

    private static async Task Leased(StorageProbe probe)
    {
        await Fill(probe, "sales@1.2");
        await Put(probe, Sales);

        var early = await probe.Documents.Drop("sales@1.2", probe.Now.AddSeconds(59), probe.Cancel);
        Expect.True(!early, "a collection is dropped while a node has its lease");
        Expect.Equal(1, await probe.Documents.Count("sales@1.2", [], probe.Cancel), "the number of its documents");
        var lease = (await probe.Leases.List(probe.Cancel)).One();
        Expect.Equal("node", lease.Holder, "the holder of its lease");
        await probe.Leases.Release("sales@1.2", 0, lease.LeaseEpoch, probe.Cancel);
        Expect.True(
            await probe.Documents.Drop("sales@1.2", probe.Now, probe.Cancel),
            "a released collection is not dropped");

        Expect.Equal(0, (await probe.Documents.List(probe.Cancel)).Count, "collections");
        Expect.Equal(Sales with { Revision = 1 }, await Row(probe), "the row of another collection");
    }

    private static async Task Retired(StorageProbe probe)
    {
        await Fill(probe, "sales@0");
        await Fill(probe, "sales@2");
        var sooner = probe.Now.AddHours(2);
        var later = probe.Now.AddHours(3);
        var row = Sales with
        {
            Retired = [new RetiredCollection("sales@0", later), new RetiredCollection("sales@2", sooner)],
        };
        await Put(probe, row);

        Expect.True(
            !await probe.Documents.Drop("sales@2", sooner.AddSeconds(-1), probe.Cancel),
            "the collection is dropped before its time is reached");
        Expect.Equal(row with { Revision = 1 }, await Row(probe), "the row before the drop");
        Expect.True(
            await probe.Documents.Drop("sales@2", sooner, probe.Cancel),
            "the collection is not dropped when its time is reached");
        Expect.True(
            !await Put(probe, row with { Revision = 1 }), "a change with the revision before the drop is accepted");

        Expect.Equal(
            Sales with
            {
                Revision = 2,
                Retired = [new RetiredCollection("sales@0", later)],
            },
            await Row(probe),
            "the row after the drop");
        Expect.Same(
            ["sales@0"],
            (await probe.Documents.List(probe.Cancel)).Select(one => one.Definition.Name),
            "the collections");
        Expect.Same(["sales@0"], (await probe.Leases.List(probe.Cancel)).Select(one => one.Consumer), "the consumers");
        Expect.True(
            await probe.Documents.Drop("sales@2", later, probe.Cancel), "the collection cannot be dropped again");
        Expect.Equal(2, (await Row(probe)).Revision, "the row's revision");
    }

    private static async Task Visible_after_a_restart(StorageProbe probe)
    {
        await Fill(probe, "sales@1");
        await Put(probe, Sales with { SwitchesAutomatically = true });

        await probe.Reopen();

        Expect.Equal(
            Sales with { SwitchesAutomatically = true, Revision = 1 }, await Row(probe), "the row after a restart");
        Expect.True(
            await Put(probe, Sales with { Live = "sales@2", Revision = 1 }),
            "the current row is refused after a restart");
    }

    /// <summary>Drops a collection after the leases of all nodes have expired.</summary>
    private static ValueTask<bool> Drop(StorageProbe probe, string collection) =>
        probe.Documents.Drop(collection, probe.Now.AddHours(1), probe.Cancel);

    private static ValueTask<bool> Put(StorageProbe probe, ReadModelRecord record) =>
        probe.Documents.PutReadModel(record, null, probe.Cancel);

    private static async Task<ReadModelRecord> Row(StorageProbe probe) =>
        (await probe.Documents.ListReadModels(probe.Cancel)).Where(one => one.Name == "sales").One();

    private static async Task Fill(StorageProbe probe, string collection)
    {
        await probe.Documents.EnsureCollection(new CollectionDefinition(collection, []), probe.Cancel);
        await probe.Do(Sample.Write(Sample.Put(collection, "a", "1")));
        await probe.Leases.Acquire(collection, 0, "node", TimeSpan.FromMinutes(1), probe.Now, probe.Cancel);
    }

    private static async Task Move(StorageProbe probe, string consumer, long? from, long to)
    {
        var lease = await probe.Leases.Acquire(consumer, 0, "node", TimeSpan.FromMinutes(1), probe.Now, probe.Cancel);
        await probe.Do(new CommitRequest { Checkpoint = new CheckpointMove(consumer, 0, lease.LeaseEpoch, from, to) });
    }
}
