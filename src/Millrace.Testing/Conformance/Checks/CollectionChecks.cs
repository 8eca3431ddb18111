using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks of collections: creating, listing and clearing them, and changing their fields.</summary>
internal static class CollectionChecks
{
    private static readonly CollectionDefinition Orders = new(
        "orders@1",
        [new FieldDefinition("customer", FieldKind.Text), new FieldDefinition("total", FieldKind.Decimal)]);

    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("Ensuring a collection again keeps its documents", Ensured_again),
        new("Ensuring a collection with other fields empties it and returns false", Ensured_with_other_fields),
        new("Ensuring a collection with another key coding empties it", Ensured_with_other_keys),
        new(
            "Emptying a collection for other fields resets its consumer in the same transaction",
            Consumer_reset_with_fields),
        new("Collections are listed with their fields and document counts", Listed),
        new("Versions of one collection name are separate collections", Versions_are_apart),
        new("Clearing a collection removes its documents and resets its consumer's checkpoint", Cleared),
        new("Clearing a collection without a consumer changes no checkpoint", Cleared_without_consumer),
        new("A commit with a document for a missing collection writes nothing", Missing_collection),
    ];

    private static async Task Ensured_again(StorageProbe probe)
    {
        Expect.True(
            await probe.Documents.EnsureCollection(Orders, probe.Cancel),
            "a new collection is reported to have had other fields");
        var written = await probe.Do(Sample.Write(Sample.Put("orders@1", "1", "one", "anna", 1.5m)));

        Expect.True(
            await probe.Documents.EnsureCollection(Orders, probe.Cancel),
            "the same collection is reported to have had other fields");

        var kept = await probe.Documents.Get("orders@1", "1", probe.Cancel);
        Expect.Equal(written.DocumentVersion, kept?.Version, "the document's version");
        Expect.Equal(
            1,
            await probe.Documents.Count(
                "orders@1",
                [new FieldCondition("customer", Comparison.Equal, "anna")],
                probe.Cancel),
            "the count");
    }

    private static async Task Ensured_with_other_fields(StorageProbe probe)
    {
        await probe.Documents.EnsureCollection(Orders, probe.Cancel);
        await probe.Do(Sample.Write(Sample.Put("orders@1", "1", "one", "anna", 1.5m)));
        var other = Orders with { Fields = [.. Orders.Fields, new FieldDefinition("day", FieldKind.Text)] };

        Expect.True(
            !await probe.Documents.EnsureCollection(other, probe.Cancel), "other fields are not reported");

        Expect.Equal(0, await probe.Documents.Count("orders@1", [], probe.Cancel), "the number of remaining documents");
        await probe.Do(
            Sample.Write(Sample.Put("orders@1", "1", "one", "anna", 1.5m, "2011-12-05") with { FromVersion = 0 }));
        var condition = new FieldCondition("day", Comparison.Equal, "2011-12-05");
        Expect.Equal(
            1, await probe.Documents.Count("orders@1", [condition], probe.Cancel), "documents found by the new field");
    }

    private static async Task Ensured_with_other_keys(StorageProbe probe)
    {
        IReadOnlyList<FieldDefinition>[] others = [[], Orders.Fields];
        foreach (var fields in others)
        {
            var former = new CollectionDefinition($"orders@{fields.Count + 1}", fields);
            var document = Sample.Put(former.Name, "1", "one", fields.Count == 0 ? [] : ["anna", 1.5m]);
            await probe.Documents.EnsureCollection(former, probe.Cancel);
            await probe.Do(Sample.Write(document));
            var present = former with { KeyCoding = 1 };

            Expect.True(
                !await probe.Documents.EnsureCollection(present, probe.Cancel),
                "another coding is reported as the same");

            Expect.Equal(
                0, await probe.Documents.Count(former.Name, [], probe.Cancel), "the number of remaining documents");
            await probe.Do(Sample.Write(document with { FromVersion = 0 }));
            Expect.True(
                await probe.Documents.EnsureCollection(present, probe.Cancel),
                "the same coding is reported as different");
            var all = await probe.Documents.List(probe.Cancel);
            var listed = all.Where(one => one.Definition.Name == former.Name).One();
            Expect.Equal(
                (1, 1L), (listed.Definition.KeyCoding, listed.Documents), "the coding and the number of documents");
            Expect.Same(fields, listed.Definition.Fields, "the fields");
            Expect.True(
                !await probe.Documents.EnsureCollection(former, probe.Cancel),
                "the former coding is reported as the same");
        }
    }

    private static async Task Consumer_reset_with_fields(StorageProbe probe)
    {
        await Fill(probe);
        var lease = await probe.Leases.Acquire("plain@1", 0, "node", TimeSpan.FromMinutes(1), probe.Now, probe.Cancel);
        await probe.Do(new CommitRequest
        {
            Checkpoint = new CheckpointMove("plain@1", 0, lease.LeaseEpoch, null, 2),
            DeadLetters = [new DeadLetterChange(DeadLetterSample.NewDeadLetter(2) with { Consumer = "plain@1" })],
        });

        await probe.Documents.EnsureCollection(Sample.Plain, probe.Cancel);
        Expect.Equal(2, await CheckpointOf(probe, "plain@1"), "the checkpoint after the same fields");
        await probe.Documents.EnsureCollection(new CollectionDefinition("plain@1", Orders.Fields), probe.Cancel);

        Expect.Equal(0, await CheckpointOf(probe, "plain@1"), "the checkpoint of the collection's consumer");
        Expect.Equal(
            lease.LeaseEpoch + 1, await EpochOf(probe, "plain@1"), "the lease epoch of the collection's consumer");
        await ExpectNoHolder(probe, "plain@1");
        Expect.Equal(
            0, await probe.DeadLetters.Count(new DeadLetterQuery(), probe.Cancel), "the number of open dead letters");
        Expect.Equal(2, await CheckpointOf(probe, "other"), "the checkpoint of another consumer");
        await probe.Refuse<LeaseLostException>(new CommitRequest
        {
            Documents = [Sample.Put("plain@1", "a", "previous", "anna", 1.5m)],
            Checkpoint = new CheckpointMove("plain@1", 0, lease.LeaseEpoch, 2, 3),
        });
    }

    private static async Task Listed(StorageProbe probe)
    {
        await probe.Documents.EnsureCollection(Orders, probe.Cancel);
        await probe.Documents.EnsureCollection(Sample.Plain, probe.Cancel);
        await probe.Do(
            Sample.Write(Sample.Put("orders@1", "1", "one", "a", 1m), Sample.Put("orders@1", "2", "two", "b", 2m)));

        var listed = await probe.Documents.List(probe.Cancel);

        var found = listed.ToDictionary(info => info.Definition.Name);
        Expect.Same(["orders@1", "plain@1"], found.Keys.Order(StringComparer.Ordinal), "the collections");
        Expect.Same(Orders.Fields, found["orders@1"].Definition.Fields, "the fields");
        var definitions = await probe.Documents.ListDefinitions(probe.Cancel);
        Expect.Same(["orders@1", "plain@1"], definitions.Select(one => one.Name), "the definitions");
        Expect.Same(Orders.Fields, definitions[0].Fields, "the fields of a definition");
        Expect.Equal((2L, 0L), (found["orders@1"].Documents, found["plain@1"].Documents), "the numbers of documents");
    }

    private static async Task Versions_are_apart(StorageProbe probe)
    {
        string[] names = ["day-sales@1", "day-sales@2", "day-sales@11", "day-sales"];
        foreach (var name in names)
            await probe.Documents.EnsureCollection(new CollectionDefinition(name, []), probe.Cancel);

        await probe.Do(Sample.Write([.. names.Select(name => Sample.Put(name, "key", name))]));
        await probe.Documents.Clear("day-sales@1", null, probe.Cancel);

        foreach (var name in names)
            Expect.Equal(
                name == "day-sales@1" ? 0 : 1,
                await probe.Documents.Count(name, [], probe.Cancel),
                $"documents of '{name}'");
    }

    private static async Task Cleared(StorageProbe probe)
    {
        await Fill(probe);

        var before = await EpochOf(probe, "mine");
        await probe.Documents.Clear("plain@1", "mine", probe.Cancel);

        Expect.Equal(before + 1, await EpochOf(probe, "mine"), "the lease epoch of the collection's consumer");
        await ExpectNoHolder(probe, "mine");
        Expect.Equal(0, await probe.Documents.Count("plain@1", [], probe.Cancel), "the number of remaining documents");
        Expect.Equal(null, await probe.Documents.Get("plain@1", "a", probe.Cancel), "a document that was cleared");
        Expect.Equal(0, await CheckpointOf(probe, "mine"), "the checkpoint of the collection's consumer");
        Expect.Equal(2, await CheckpointOf(probe, "other"), "the checkpoint of another consumer");
        await probe.Do(Sample.Write(Sample.Put("plain@1", "a", "new") with { FromVersion = 0 }));
    }

    private static async Task Cleared_without_consumer(StorageProbe probe)
    {
        await Fill(probe);

        await probe.Documents.Clear("plain@1", null, probe.Cancel);

        Expect.Equal(0, await probe.Documents.Count("plain@1", [], probe.Cancel), "the number of remaining documents");
        Expect.Same(
            [2L, 2L],
            [await CheckpointOf(probe, "mine"), await CheckpointOf(probe, "other")],
            "the checkpoints");
    }

    private static async Task Missing_collection(StorageProbe probe)
    {
        await Expect.Throws<StorageException>(
            () => probe.Try(new CommitRequest
            {
                Appends = [Sample.To("a", ExpectedVersion.Any, Sample.Event(1))],
                Documents = [Sample.Put("nowhere@1", "a", "x")],
            }),
            "a document for a missing collection");

        Expect.Equal(0, await probe.LastPosition(), "the head of the log");
        Expect.Equal(0, (await probe.Head("a")).Version, "the stream's version");
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Event(1));
    }

    private static async Task Fill(StorageProbe probe)
    {
        await probe.Documents.EnsureCollection(Sample.Plain, probe.Cancel);
        await probe.Append("s", ExpectedVersion.Any, Sample.Events(1, 2));
        await probe.Do(Sample.Write(Sample.Put("plain@1", "a", "1"), Sample.Put("plain@1", "b", "2")));
        foreach (var consumer in new[] { "mine", "other" })
        {
            var lease = await probe.Leases.Acquire(
                consumer, 0, "node", TimeSpan.FromMinutes(1), probe.Now, probe.Cancel);
            await probe.Do(
                new CommitRequest { Checkpoint = new CheckpointMove(consumer, 0, lease.LeaseEpoch, null, 2) }
            );
        }
    }

    private static async Task ExpectNoHolder(StorageProbe probe, string consumer)
    {
        var record = (await probe.Leases.List(probe.Cancel)).Where(one => one.Consumer == consumer).One();
        Expect.Equal(
            (null, null), (record.Holder, record.HeldSince), "the holder of the consumer's lease and its start");
    }

    private static async Task<long> EpochOf(StorageProbe probe, string consumer) =>
        (await probe.Leases.List(probe.Cancel)).Where(record => record.Consumer == consumer).One().LeaseEpoch;

    private static async Task<long?> CheckpointOf(StorageProbe probe, string consumer) =>
        (await probe.Leases.List(probe.Cancel)).Where(record => record.Consumer == consumer).One().Checkpoint;
}
