using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Millrace.Cli.CloudEvents;
using Millrace.Shared.CloudEvents;
using Millrace.Sqlite;
using Millrace.Storage.InMemory;

namespace Millrace.Cli.Tests;

/// <summary>Tests that an export and an import of any events produce the same events.</summary>
public sealed class CloudEventPropertyTests : IDisposable
{
    private static readonly DateTimeOffset Beginning = new(2011, 12, 5, 8, 0, 0, TimeSpan.Zero);

    // Opening a store for each of several thousand events takes minutes when the pool of threads is busy.
    private static readonly Lazy<EventStore> MetadataStore = new(() =>
        EventStore.Open(new InMemoryStorage(), EventTypeMap.Empty).GetAwaiter().GetResult());

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("millrace-export-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public Task Any_events_are_unchanged_after_an_export_and_an_import() => RunOnPool(() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(TestRun.IsLong ? 100 : 40),
            Prop.ForAll(
                Gen.NonEmptyListOf(Recorded()).ToArbitrary(),
                events =>
                {
                    using var file = new MemoryStream();
                    var writer = new CloudEventWriter(file);
                    foreach (var recorded in events)
                        writer.Write(recorded);
                    file.Position = 0;
                    var found = new CollectingTarget();
                    new EventImport([ReaderOf(file)], found)
                        .Run((_, _) => { }, CancellationToken.None)
                        .GetAwaiter()
                        .GetResult();
                    Assert.Equal(events.Select(FullText), found.Lines.Select(FullText));
                })));

    [Fact]
    public Task Any_store_is_unchanged_after_an_export_and_an_import() => RunOnPool(() => Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(8),
            Prop.ForAll(
                Gen.NonEmptyListOf(Recorded()).ToArbitrary(), events => RoundTrip(events).GetAwaiter().GetResult())));

    /// <summary>
    /// Runs a property that blocks its thread apart from the threads of xunit, which other tests need to continue.
    /// </summary>
    private static Task RunOnPool(Action property) => Task.Run(property);

    private async Task RoundTrip(IReadOnlyList<RecordedEvent> events)
    {
        var (from, to) = (Path.Combine(_folder.FullName, Path.GetRandomFileName()),
            Path.Combine(_folder.FullName, Path.GetRandomFileName()));
        await using (var store = await EventStore.Open(new SqliteStorage(from), EventTypeMap.Empty))
        {
            foreach (var item in events)
                await store.Append(item.Stream, ExpectedVersion.Any, [ToNewEvent(item)]);
        }
        using var file = new MemoryStream();
        await using (var open = await OpenStore.OpenOrCreate(new StoreLocation(from), TimeProvider.System, default))
            await new EventExport(open, EventFilter.All, new ReplayOptions()).Run(file, default);
        file.Position = 0;
        await using (
            var open = await OpenStore.ForImport(new StoreLocation(to), mayCreate: true, TimeProvider.System, default))
        {
            await using var target = new ImportTarget(open, default);
            await new EventImport([ReaderOf(file)], target).Run((_, _) => { }, default);
        }
        Assert.Equal(await Log(from), await Log(to));
    }

    private static EventFileReader ReaderOf(Stream file) =>
        new(file, new CloudEventReader(CloudEventNames.Subject, ""), null);

    private static async Task<List<string>> Log(string path)
    {
        var lines = new List<string>();
        await using var store = await EventStore.Open(new SqliteStorage(path), EventTypeMap.Empty);
        await foreach (var item in store.ReadLog(EventFilter.All))
            lines.Add(FullText(item) + $" {item.Position}");
        return lines;
    }

    private static NewEvent ToNewEvent(RecordedEvent item) =>
        NewEvent.FromBytes(item.Type, item.Payload, item.ContentType) with
        {
            Id = item.Id,
            SchemaVersion = item.SchemaVersion,
            Tags = [.. item.Tags],
            Metadata = item.Metadata,
            CorrelationId = item.CorrelationId,
            CausationId = item.CausationId,
        };

    private static string FullText(RecordedEvent item) =>
        Describe(ToNewEvent(item), item.Stream, item.Version, item.Timestamp);

    private static string FullText(ImportedEvent item) =>
        Describe(item.Event!, item.Stream, item.Version!.Value, item.Time!.Value);

    private static string Describe(NewEvent item, StreamId stream, long version, DateTimeOffset time)
    {
        var metadata = item.Metadata ?? EventMetadata.Empty;
        var extensions = string.Join(',', metadata.Extensions.Select(pair => $"{pair.Key}={pair.Value}"));
        return $"{item.Id} {stream} {version} {time:O} {item.Type} {item.SchemaVersion} {item.ContentType} "
            + $"{Convert.ToHexString(item.Payload.Span)} "
            + $"{string.Join('|', item.Tags)} {item.CorrelationId} {item.CausationId} [{metadata.Source}] "
            + $"{metadata.Source is null} "
            + $"[{metadata.UserId}] {metadata.ReadableBy} {metadata.Encryption?.KeyId} {metadata.TraceParent} "
            + extensions;
    }

    private static Gen<RecordedEvent> Recorded() =>
        from stream in Gen.Elements("order-1", "order-2", "cart-ü \"7\"", "odd\\-\n\u0001name", "🙂-1")
        from type in Gen.Elements("order.placed", "order.paid", "größe.geändert")
        from content in Gen.Elements(
            "application/json", "application/cbor", "text/plain", "application/vnd.shop+json; charset=utf-8")
        from payload in Payload()
        from source in Gen.Elements(
            null, "shop", "shop floor", "", "urn:millrace:none", "https://example.org/a?b=c", "\u0007")
        from text in Text()
        from tags in Gen.SubListOf("customer:1", "seat:7:b", "note:\"a\"", "ä:ö")
        from version in Gen.Choose(1, 1_000_000)
        from micros in Gen.Choose(0, 1_000_000_000)
        from flags in Gen.Choose(0, 15)
        let metadata = new EventMetadata
        {
            UserId = (flags & 1) == 0 ? null : text,
            ReadableBy = (flags & 2) == 0 ? null : version,
            Encryption = (flags & 4) == 0 ? null : new EncryptionInfo("AES-256-GCM", "key-" + version, ["$.a", text]),
            Extensions = (flags & 8) == 0 ? EventMetadata.Empty.Extensions
                : EventMetadata.Empty.Extensions.Add("note", text).Add("id", "x"),
        }
        select new RecordedEvent
        {
            Id = System.Guid.NewGuid(),
            Stream = new StreamId(stream),
            Version = version,
            Position = version,
            Type = type,
            SchemaVersion = (version % 7) + 1,
            ContentType = content,
            Timestamp = Beginning.AddMicroseconds(micros),
            Payload = payload,
            MetadataBytes = BytesOf(metadata),
            Source = source,
            CorrelationId = (flags & 1) == 0 ? null : System.Guid.NewGuid(),
            CausationId = (flags & 2) == 0 ? null : System.Guid.NewGuid(),
            Tags = [.. tags.Select(Tag.Parse)],
        };

    private static Gen<byte[]> Payload() =>
        Gen.OneOf(
            Gen.Elements(
                    "{}",
                    "null",
                    "{\"a\":1,\"a\":2.500}",
                    "[-",
                    " 1",
                    "1\n",
                    "{\n\"x\":\"\\u00e4 }{\"}",
                    "\"\\uD800\"",
                    "")
                .Select(Encoding.UTF8.GetBytes),
            Gen.ListOf(Gen.Choose(0, 255)).Select(bytes => bytes.Select(item => (byte)item).ToArray()));

    private static Gen<string> Text() => Gen.Elements("", "ada", "\"quoted\" \\ \u0001\n", "ä🙂", "</script>");

    /// <summary>Returns the bytes of the metadata as the store writes them in an append.</summary>
    private static byte[] BytesOf(EventMetadata metadata)
    {
        var stream = new StreamId($"a-{System.Guid.NewGuid():N}");
        MetadataStore.Value
            .Append(
                stream,
                ExpectedVersion.Any,
                [NewEvent.FromBytes("a", Array.Empty<byte>()) with { Metadata = metadata }])
            .GetAwaiter()
            .GetResult();
        return MetadataStore.Value.ReadStream(stream).FirstAsync().AsTask().GetAwaiter().GetResult()
            .MetadataBytes.ToArray();
    }

    private sealed class CollectingTarget : IImportTarget
    {
        public List<ImportedEvent> Lines { get; } = [];

        public ImportCounts Counts { get; } = new();

        public ValueTask Add(ImportedEvent line, CancellationToken cancellationToken)
        {
            Lines.Add(line);
            return ValueTask.CompletedTask;
        }

        public ValueTask Flush(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
