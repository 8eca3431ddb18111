using Millrace.Storage;
using Millrace.Testing.Conformance.Checks;

namespace Millrace.Testing.Conformance.Moves;

/// <summary>
/// Fills a store for the checks of moves to another storage, so that every table has rows. Can also change the rows.
/// </summary>
internal static class MoveSample
{
    public const string Scope = "e-mail";

    private static readonly TimeSpan LeaseDuration = TimeSpan.FromDays(1);

    private static readonly CollectionDefinition Orders = new(
        "orders@1",
        [
            new("customer", FieldKind.Text),
            new("lines", FieldKind.Integer),
            new("total", FieldKind.Decimal),
            new("share", FieldKind.Real),
            new("placedAt", FieldKind.Ticks),
            new("email", FieldKind.Hash),
        ]);
    private static readonly CollectionDefinition Former = new("former@1", []);
    private static readonly CollectionDefinition Later = new("later@1", [new("name", FieldKind.Text)]);

    public static IReadOnlyList<string> ClaimedValues { get; } = ["anna@example.org", "Änne", "bert", "carla"];

    public static IReadOnlyList<string> HandledIds { get; } = ["command-1", "command-2", "command-3"];

    public static async Task Write(StorageProbe probe)
    {
        await probe.Storage.Maintenance.StartEpoch(probe.Cancel);
        await WriteLog(probe);
        await WriteConsumers(probe);
        await probe.Documents.EnsureCollection(Orders, probe.Cancel);
        await probe.Documents.EnsureCollection(Former, probe.Cancel);
        await probe.Do(
            Sample.Write(
                Order("ä 1", "first", "anna", 3, 12.5m, 0.1, new TimeSpan(5), FieldValue.OfHash("one")),
                Order("2", "second", default, long.MinValue, -0.01m, double.NaN, TimeSpan.MaxValue, default),
                Order("3", "third", "", 0, default, default, default, FieldValue.OfHash("two")),
                Sample.Put(Former.Name, "a", "former")));
        foreach (var number in Enumerable.Range(1, 3))
            await DeadLetterSample.Write(probe, NewDeadLetter(probe, number));
        await probe.Documents.PutReadModel(
            new ReadModelRecord
            {
                Name = "orders",
                Live = Orders.Name,
                Building = "orders@2",
                Kept = "orders@0",
                SwitchesAutomatically = true,
                Builds = 3,
                Retired = [new RetiredCollection("orders@00", Sample.FarFuture)],
            },
            reached: null,
            probe.Cancel);
    }

    /// <summary>Changes the written store in every table: rows are added, replaced and removed.</summary>
    public static async Task Change(StorageProbe probe)
    {
        await probe.Append("whole", ExpectedVersion.Exactly(2), Sample.Event(50));
        await probe.Append("new", ExpectedVersion.NoStream, Sample.Events(51, 2));
        await probe.Do(Sample.Remove(Sample.Removal("truncated", RemovalKind.Truncate, before: 4)));
        await probe.Do(new CommitRequest
        {
            Claims = [Claim.Release(Scope, "bert", "owner-2"), Claim.Acquire(Scope, "carla", "owner-3")],
            Handled = [Sample.Mark("command-3", "third", scope: Scope)],
        });
        await probe.Do(
            Sample.Write(
                Order("2", "changed", "bert", 7, 1m, 2, TimeSpan.Zero, FieldValue.OfHash("one")),
                new DocumentChange { Collection = Orders.Name, Key = "3" }));
        await probe.Documents.EnsureCollection(Later, probe.Cancel);
        await probe.Do(Sample.Write(Sample.Put(Later.Name, "a", "later", "name")));
        await probe.Documents.Drop(Former.Name, probe.Now, probe.Cancel);
        await probe.Leases.SetPaused("stock", isPaused: false, probe.Cancel);
        await probe.Leases.SetPaused("sales", isPaused: true, probe.Cancel);
        await probe.Leases.Acquire("late", 0, "node-3", LeaseDuration, probe.Now, probe.Cancel);
        var first = Expect.NotNull(
            await DeadLetterSample.Find(probe, NewDeadLetter(probe, 1)), "the first dead letter");
        await probe.Do(DeadLetterSample.Change(first with { Message = "changed" }));
        var second = Expect.NotNull(
            await DeadLetterSample.Find(probe, NewDeadLetter(probe, 2)), "the second dead letter");
        await probe.Do(DeadLetterSample.Change(second, isRemoval: true));
        var orders = (await probe.Documents.ListReadModels(probe.Cancel)).One();
        await probe.Documents.PutReadModel(orders with { Kept = null, Retired = [] }, reached: null, probe.Cancel);
    }

    private static async Task WriteLog(StorageProbe probe)
    {
        await probe.Append("whole", ExpectedVersion.NoStream, EventWithAllFields(), Sample.Event(2));
        await probe.Append("truncated", ExpectedVersion.NoStream, Sample.Events(10, 5));
        await probe.Append("deleted ä", ExpectedVersion.NoStream, Sample.Events(20, 2));
        await probe.Append("closed", ExpectedVersion.NoStream, Sample.Events(30, 3));
        await probe.Do(Sample.Remove(Sample.Removal("truncated", RemovalKind.Truncate, before: 3)));
        await probe.Do(Sample.Remove(Sample.Removal("deleted ä", RemovalKind.Delete)));
        await probe.Do(Sample.Remove(Sample.Removal("closed", RemovalKind.Tombstone) with { By = null }));
        await probe.Do(new CommitRequest
        {
            Claims = [.. ClaimedValues.Take(3).Select((value, i) => Claim.Acquire(Scope, value, $"owner-{i}"))],
            Handled = [Sample.Mark("command-1", "", scope: Scope), Sample.Mark("command-2", "second", scope: Scope)],
        });
    }

    private static async Task WriteConsumers(StorageProbe probe)
    {
        var sales = await probe.Leases.Acquire("sales", 0, "node-1", LeaseDuration, probe.Now, probe.Cancel);
        await probe.Do(new CommitRequest { Checkpoint = new CheckpointMove("sales", 0, sales.LeaseEpoch, null, 4) });
        probe.Now += TimeSpan.FromMinutes(1);
        await probe.Leases.Report("sales", 0, sales.LeaseEpoch, "Live", "an error", probe.Now, probe.Cancel);
        await probe.Leases.Acquire("stock", 0, "node-1", LeaseDuration, probe.Now, probe.Cancel);
        await probe.Leases.Divide("stock", 2, probe.Cancel);
        await probe.Leases.Acquire("stock", 0, "node-1", LeaseDuration, probe.Now, probe.Cancel);
        await probe.Leases.Acquire("stock", 1, "node-2", LeaseDuration, probe.Now, probe.Cancel);
        await probe.Leases.SetPaused("stock", isPaused: true, probe.Cancel);
    }

    private static EncodedEvent EventWithAllFields() => new()
    {
        Id = Sample.Id(1),
        HasCallerId = true,
        Type = "order.placed",
        SchemaVersion = 3,
        ContentType = "application/x-protobuf; messageType=\"Order\"",
        Payload = new byte[] { 0, 255, 1 },
        MetadataBytes = """{"user":"anna"}"""u8.ToArray(),
        Source = "shop",
        EncryptionKeyId = "key-7",
        CorrelationId = Sample.Id(1_000),
        CausationId = Sample.Id(1_001),
        Tags = [new Tag("customer", "42"), new Tag("country", "Ö")],
    };

    private static DocumentChange Order(string key, string body, params FieldValue[] fields) =>
        Sample.Put(Orders.Name, key, body, fields);

    private static DeadLetter NewDeadLetter(StorageProbe probe, int number) =>
        DeadLetterSample.NewDeadLetter(number) with
        {
            Attempts = number,
            RetryAt = probe.Now + LeaseDuration,
            Class = FailureClass.Permanent,
            Message = "message ä",
            Stack = "at Orders.Place()",
            FirstFailedAt = probe.Now,
            LastFailedAt = probe.Now.AddSeconds(number),
            EditedPayload = number == 1 ? null : new byte[] { 1, 0, 2 },
            Decision = DeadLetterDecision.Skip,
            User = "an operator",
            Reason = "no longer needed",
            DecidedAt = probe.Now.AddSeconds(9),
        };
}
