using Millrace.Storage;
using Millrace.Storage.Archives;
using Millrace.Storage.Objects;

namespace Millrace.Archive.Tests;

/// <summary>A store with an archive in a directory.</summary>
internal sealed class ArchiveFixture : IAsyncDisposable
{
    private readonly SharedStore _shared;
    private readonly bool _countsReads;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("millrace-archive-");

    private ArchiveFixture(SharedStore shared, bool countsReads) => (_shared, _countsReads) = (shared, countsReads);

    /// <summary>Gets what is read from the storage without the archive, if it is counted.</summary>
    public CountedReads Reads { get; } = new();

    public ManualClock Clock { get; } = new();

    public string Place => _directory.FullName;

    public string File => _shared.File;

    /// <summary>Gets the file or the connection string for the tool.</summary>
    public string Address => _shared.ConnectionString ?? _shared.File;

    public int SegmentEvents { get; set; } = 5;

    public EventStore Store { get; private set; } = null!; // Create sets it.

    public ArchiveOptions Options => new()
    {
        Place = new DirectoryObjectStorage(Place),
        Format = new ParquetArchiveFormat(),
        SegmentEvents = SegmentEvents,
        CacheBytes = 1024 * 1024,
    };

    public StoreArchive Archive => new(Store, Options);

    public static async Task<ArchiveFixture> Create(StoreKind kind, bool countsReads = false)
    {
        var fixture = new ArchiveFixture(await SharedStore.Create(kind), countsReads);
        fixture.Store = await fixture.Open();
        return fixture;
    }

    /// <summary>Opens the store as another node.</summary>
    public Task<EventStore> Open()
    {
        var storage = _shared.OpenWithNodeClock();
        return EventStore.Open(
            (_countsReads ? Reads.Over(storage) : storage).WithArchive(Options), EventTypeMap.Empty, time: Clock);
    }

    /// <summary>Returns the storage without the archive.</summary>
    public IStorage Inner => ((ArchivedStorage)Store.Stored.Primary).Inner;

    /// <summary>Returns a storage of the store that is not open.</summary>
    public IStorage NewStorage() => _shared.OpenWithNodeClock();

    public string[] Segments() => Directory.GetFiles(Place, "*.parquet", SearchOption.AllDirectories);

    /// <summary>Appends events, a day apart, with a payload that names their number.</summary>
    public async Task Append(string stream, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Clock.Advance(TimeSpan.FromDays(1));
            await Store.Append(
                new StreamId(stream),
                ExpectedVersion.Any,
                [
                    NewEvent.FromBytes(
                        "shop.happened",
                        System.Text.Encoding.UTF8.GetBytes($$"""{"secret-of":"{{stream}}","number":{{i}}}"""))
                        with
                    {
                        Tags = [new Tag("stream", stream)],
                    },
                ]);
        }
    }

    public async Task<IReadOnlyList<string>> Read(string stream)
    {
        var query = new StreamPageQuery(new StreamId(stream), 1, IsBackwards: false, 1_000);
        var page = await Store.Storage.Log.ReadStream(query, default);
        return [.. page.Events.Select(one => System.Text.Encoding.UTF8.GetString(one.Payload.Span))];
    }

    /// <summary>Returns the number of events whose contents are in the archive.</summary>
    public async Task<int> CountArchived()
    {
        var page = await Inner.Log.ReadLog(new LogPageQuery(EventFilter.All, 1, false, 10_000), default);
        return page.Events.Count(ArchiveReference.IsIn);
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _shared.Dispose();
        _directory.Delete(recursive: true);
    }
}
