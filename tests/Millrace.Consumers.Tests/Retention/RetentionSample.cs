using System.Text;
using Millrace.Erasing;
using Millrace.Retention;
using Millrace.Storage;

namespace Millrace.Tests.Retention;

/// <summary>A store with old and new streams, whose policies these tests run at a manual time.</summary>
internal sealed class RetentionSample : IAsyncDisposable
{
    private readonly List<EventStore> _stores = [];
    private readonly SharedStore _shared;

    private RetentionSample(SharedStore shared) => _shared = shared;

    public ManualClock Clock { get; } = new();

    public DateTimeOffset Now => Clock.GetUtcNow();

    public EventStore Store { get; private set; } = null!; // Set by Create.

    public Func<IStorage, IStorage> Wrap { get; set; } = static storage => storage;

    public Action<string>? AfterStep { get; set; }

    public string? ArchiveDirectory { get; set; }

    public IReadOnlyList<RetentionReader> Readers { get; set; } = [];

    public IReadOnlyList<string> Aggregates { get; set; } = [];

    public static async Task<RetentionSample> Create(StoreKind kind, Func<IStorage, IStorage>? wrap = null)
    {
        var sample = new RetentionSample(await SharedStore.Create(kind));
        sample.Wrap = wrap ?? sample.Wrap;
        await sample.Restart();
        return sample;
    }

    /// <summary>Opens the store again, as a program that was started again.</summary>
    public async Task Restart() => Store = await Open();

    public async Task<EventStore> Open()
    {
        var store = await EventStore.Open(Wrap(_shared.OpenWithNodeClock()), EventTypeMap.Empty, time: Clock);
        _stores.Add(store);
        return store;
    }

    /// <summary>
    /// Waits until the read model <c>people</c> has stored that it has read all events. The clock runs meanwhile.
    /// </summary>
    public static async Task SettlePeople(EventStore store, ManualClock clock)
    {
        var head = (await store.Storage.Log.GetHead(default)).Position;
        await Testing.Eventually.Get(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return store.Storage.Leases.Inspect(clock.GetUtcNow(), default).AsTask();
            },
            table => table.Consumers.Any(record => record.Consumer.StartsWith("people", StringComparison.Ordinal))
                && table.Consumers.All(record => record.Partitions == 0 || record.Checkpoint >= head));
    }

    /// <summary>Appends an event whose recorded time is some time before now.</summary>
    public Task<AppendResult> Append(string stream, string type, TimeSpan age, string json = """{"n":1}""") =>
        Store.Append(new AppendRequest { RecordedAt = Now - age }.To(
            new StreamId(stream), ExpectedVersion.Any, NewEvent.FromBytes(type, Encoding.UTF8.GetBytes(json))));

    public RetentionService Create(Action<RetentionOptions> configure, EventStore? store = null, string tenant = "")
    {
        var options = new RetentionOptions { ArchiveDirectory = ArchiveDirectory };
        configure(options);
        Assert.Empty(options.Problems());
        var scope = new ErasureScope(store ?? Store, tenant, tenant.Length == 0 ? "" : tenant + "/");
        var settings = new RetentionSettings
        {
            Declaration = new RetentionDeclaration
            {
                Rules = options.BuildRules(),
                Readers = Readers,
                Aggregates = Aggregates,
            },
            StreamsPerSecond = 1_000_000,
            ArchiveDirectory = ArchiveDirectory,
            AfterStep = step => AfterStep?.Invoke(step),
        };
        return new RetentionService(scope, settings, new RetentionProcess(scope, settings, null));
    }

    /// <summary>Lets the program end after a step of a run.</summary>
    public async Task Interrupt(string step, Func<Task> run)
    {
        AfterStep = done =>
        {
            if (done == step)
                throw new InvalidOperationException("The program ends.");
        };
        await Assert.ThrowsAsync<InvalidOperationException>(run);
        AfterStep = null;
    }

    /// <summary>Returns the types of the events that the log contains, except those of runs.</summary>
    public async Task<IReadOnlyList<string>> LogTypes()
    {
        var types = new List<string>();
        await foreach (var recorded in Store.ReadLog(EventFilter.All))
        {
            if (!recorded.Stream.Value.Contains('$', StringComparison.Ordinal))
                types.Add(recorded.Type);
        }
        return types;
    }

    public async Task<IReadOnlyList<long>> Versions(string stream)
    {
        var versions = new List<long>();
        await foreach (var recorded in Store.ReadStream(new StreamId(stream)))
            versions.Add(recorded.Version);
        return versions;
    }

    public Task GivenDocument(string collection, string key, string body) =>
        GivenDocument(Store, collection, key, body);

    public static async Task GivenDocument(EventStore store, string collection, string key, string body)
    {
        await store.Storage.Documents.EnsureCollection(new CollectionDefinition(collection, []), default);
        var change = new DocumentChange { Collection = collection, Key = key, Body = Encoding.UTF8.GetBytes(body) };
        await store.Commit(new CommitRequest { Documents = [change] }, isBackground: false, default);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
            await store.DisposeAsync();
        _shared.Dispose();
    }
}
