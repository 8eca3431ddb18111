using System.Text;
using Millrace.Storage;

namespace Millrace.Sqlite.Tests.StoredVersions;

/// <summary>The content of the files of each schema version, with an example of each kind of data.</summary>
internal static class StoredStore
{
    private static readonly DateTimeOffset Later = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly EncodedEvent FullEvent = new()
    {
        Id = new Guid("0192f0c1-2345-7890-abcd-ef0123456789"),
        HasCallerId = true,
        Type = "order.placed",
        SchemaVersion = 2,
        Payload = """{"total":12.50,"note":"straße 😀"}"""u8.ToArray(),
        MetadataBytes = """{"user":"anna","more":{"a":"b"}}"""u8.ToArray(),
        Source = "shop",
        EncryptionKeyId = "key-7",
        CorrelationId = new Guid("11111111-2222-3333-4444-555555555555"),
        CausationId = new Guid("66666666-7777-8888-9999-aaaaaaaaaaaa"),
        Tags = [new Tag("customer", "42"), new Tag("country", "DE")],
    };

    private static readonly DeadLetter StoredDeadLetter = new()
    {
        Consumer = "sales@1",
        Position = 11,
        Key = "2026-01",
        Stream = new StreamId("user-1"),
        Version = 1,
        EventType = "type.2",
        EventId = new Guid(11, 0, 0, new byte[8]),
        State = DeadLetterState.Parked,
        Attempts = 3,
        Cause = "sum",
        Message = "It does not add up.",
        FirstFailedAt = TestData.Now,
        LastFailedAt = TestData.Now.AddMinutes(5),
    };

    private static readonly ReadModelRecord Sold = new()
    {
        Name = "sales",
        Live = "sales@1",
        Building = "sales@2",
        Kept = "sales@1.2",
        SwitchesAutomatically = true,
        Builds = 3,
        Retired = [new RetiredCollection("sales@0", Later)],
    };

    private static readonly EncodedEvent Binary = new()
    {
        Id = new Guid("0192f0c1-2345-7890-abcd-ef012345678a"),
        Type = "order.scanned",
        ContentType = EventContentType.Binary,
        Payload = new byte[] { 0, 255, 1, 254 },
    };

    /// <summary>Writes the content in sixteen positions.</summary>
    public static async Task Write(SqliteStorage storage)
    {
        await Commit(storage, To("order-1", FullEvent, Binary));
        await Commit(storage, To("straße-😀", Numbered(3)));
        await Commit(storage, To("truncated-1", Numbered(4), Numbered(5), Numbered(6)));
        await Commit(storage, To("deleted-1", Numbered(7), Numbered(8)));
        await Commit(storage, To("closed-1", Numbered(9), Numbered(10)));
        await Commit(storage, new CommitRequest
        {
            Appends = [new StreamAppend(new StreamId("user-1"), ExpectedVersion.NoStream, [Numbered(11)])],
            Claims = [Claim.Acquire("user-email", "anna@example.org", "user-1")],
            Handled = [new HandledMark("register", "command-1", "done"u8.ToArray(), Later)],
        });
        await Commit(storage, Remove("truncated-1", RemovalKind.Truncate, before: 3));
        await Commit(storage, Remove("deleted-1", RemovalKind.Delete));
        await Commit(storage, Remove("closed-1", RemovalKind.Tombstone));
        await Commit(storage, To("deleted-1", Numbered(12)));
        await Project(storage);
        await storage.Maintenance.StartEpoch(TestData.Cancel);
        await Commit(storage, To("order-1", Numbered(13), Numbered(14), Numbered(15), Numbered(16)));
    }

    /// <summary>Reads and checks the content of a file of a schema version.</summary>
    public static async Task AssertIs(SqliteStorage storage, int version)
    {
        var log = await storage.ReadAll();
        Assert.Equal(new LogHead(2, 16), await storage.Log.GetHead(TestData.Cancel));
        Assert.Equal([1, 2, 3, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16], log.Select(item => (int)item.Position));
        AssertFull(log[0]);
        AssertSame(Binary, log[1]);
        foreach (var item in log.Skip(2))
            AssertSame(Numbered((int)item.Position), item);
        Assert.Equal(
            1, await storage.Log.Count(EventFilter.All with { Tags = [new Tag("country", "DE")] }, TestData.Cancel));
        await AssertStreams(storage);
        await AssertOtherData(storage);
        await AssertDeadLetters(storage, version);
        await AssertReadModels(storage, version);
    }

    /// <summary>Checks the catalogue, which exists since version 5, with retired read models since version 7.</summary>
    private static async Task AssertReadModels(SqliteStorage storage, int version)
    {
        var sold = Sold with { Revision = 1, Retired = version < 7 ? [] : Sold.Retired };
        Assert.Equal(version < 5 ? [] : [sold], await storage.Documents.ListReadModels(TestData.Cancel));
    }

    private static void AssertFull(RecordedEvent recorded)
    {
        AssertSame(FullEvent, recorded);
        Assert.Equal(
            (new StreamId("order-1"), 1L, TestData.Now), (recorded.Stream, recorded.Version, recorded.Timestamp));
        Assert.Equal(FullEvent.Tags, recorded.Tags);
        Assert.Equal(
            (FullEvent.Source, FullEvent.EncryptionKeyId, FullEvent.CorrelationId, FullEvent.CausationId),
            (recorded.Source, recorded.EncryptionKeyId, recorded.CorrelationId, recorded.CausationId));
    }

    private static void AssertSame(EncodedEvent expected, RecordedEvent actual)
    {
        Assert.Equal(
            (expected.Id, expected.Type, expected.SchemaVersion, expected.ContentType),
            (actual.Id, actual.Type, actual.SchemaVersion, actual.ContentType));
        Assert.Equal(expected.Payload.ToArray(), actual.Payload.ToArray());
        Assert.Equal(expected.MetadataBytes.ToArray(), actual.MetadataBytes.ToArray());
    }

    private static async Task AssertStreams(SqliteStorage storage)
    {
        var streams = await storage.Log.ListStreams("", null, 100, TestData.Cancel);
        Assert.Equal(
            [
                ("closed-1", 2, 3, StreamState.Closed),
                ("deleted-1", 3, 3, StreamState.Open),
                ("order-1", 6, 1, StreamState.Open),
                ("straße-😀", 1, 1, StreamState.Open),
                ("truncated-1", 3, 3, StreamState.Open),
                ("user-1", 1, 1, StreamState.Open),
            ],
            streams.Select(item => (item.Stream.Value, item.Version, item.FirstVersion, item.State)));
        var removals = await storage.Log.ListRemovals(null, TestData.Cancel);
        Assert.Equal(
            [
                ("truncated-1", RemovalKind.Truncate, 2),
                ("deleted-1", RemovalKind.Delete, 0),
                ("closed-1", RemovalKind.Tombstone, 1),
            ],
            removals.Select(item => (item.Stream.Value, item.Kind, item.Events)));
    }

    private static async Task AssertOtherData(SqliteStorage storage)
    {
        Assert.Equal("user-1", await storage.Log.FindClaim("user-email", "anna@example.org", TestData.Cancel));
        var answer = await storage.Log.FindHandled("register", "command-1", TestData.Cancel);
        Assert.Equal("done", Encoding.UTF8.GetString(Assert.IsType<HandledAnswer>(answer).Answer.Span));
        var consumers = await storage.Leases.List(TestData.Cancel);
        Assert.Equal(
            [("mail", 0, true), ("sales@1", 12, false)],
            consumers.Select(item => (item.Consumer, item.Checkpoint ?? 0, item.IsPaused)));
        var query = new DocumentQuery
        {
            Collection = "sales@1",
            OrderBy = "total",
            IsDescending = true,
        };
        var documents = (await storage.Documents.Query(query, TestData.Cancel)).Documents;
        Assert.Equal([("2026-02", 12), ("2026-01", 12)], documents.Select(item => (item.Key, item.Position)));
        Assert.Equal("{\"total\":7.25}", Encoding.UTF8.GetString(documents[0].Body.Span));
    }

    /// <summary>Checks the dead letters, which exist since version 3.</summary>
    private static async Task AssertDeadLetters(SqliteStorage storage, int version)
    {
        var letters = await storage.DeadLetters.List(new DeadLetterQuery(), TestData.Cancel);
        Assert.Equal(version < 3 ? [] : [StoredDeadLetter with { Id = 1, Revision = 1 }], letters);
    }

    private static async Task Project(SqliteStorage storage)
    {
        var fields = new[]
        {
            new FieldDefinition("total", FieldKind.Decimal),
            new FieldDefinition("country", FieldKind.Text),
        };
        await storage.Documents.EnsureCollection(new CollectionDefinition("sales@1", fields), TestData.Cancel);
        var lease = await storage.Leases.Acquire(
            "sales@1", 0, "node-1", TimeSpan.FromMinutes(1), TestData.Now, TestData.Cancel);
        await Commit(
            storage,
            new CommitRequest
            {
                Documents = [Sales("2026-01", 7.24m), Sales("2026-02", 7.25m), Sales("2026-03", 1m)],
                Checkpoint = new CheckpointMove("sales@1", 0, lease.LeaseEpoch, lease.Checkpoint, 12),
                DeadLetters = [new DeadLetterChange(StoredDeadLetter)],
            }
        );
        await Commit(
            storage,
            new CommitRequest { Documents = [new DocumentChange { Collection = "sales@1", Key = "2026-03" }] }
        );
        await storage.Leases.SetPaused("mail", true, TestData.Cancel);
        await storage.Documents.PutReadModel(Sold, null, TestData.Cancel);
    }

    private static DocumentChange Sales(string month, decimal total) => new()
    {
        Collection = "sales@1",
        Key = month,
        Body = Encoding.UTF8.GetBytes(FormattableString.Invariant($$"""{"total":{{total}}}""")),
        Fields = [total, "DE"],
    };

    private static EncodedEvent Numbered(int number) => new()
    {
        Id = new Guid(number, 0, 0, new byte[8]),
        Type = $"type.{number % 3}",
        Payload = Encoding.UTF8.GetBytes(FormattableString.Invariant($$"""{"number":{{number}}}""")),
    };

    private static CommitRequest To(string stream, params EncodedEvent[] events) => TestData.Append(stream, events);

    private static CommitRequest Remove(string stream, RemovalKind kind, long before = 0) =>
        new()
        {
            Removals =
            [
                new StreamRemoval(
                    new StreamId(stream), kind, before, ExpectedVersion.Any, "no longer needed", "an operator"),
            ],
        };

    private static async Task Commit(SqliteStorage storage, CommitRequest request) =>
        Assert.Equal(CommitResult.Committed, (await storage.Commit(request)).Result);
}
