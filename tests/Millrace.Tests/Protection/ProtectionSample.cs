using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Protection;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Store;

namespace Millrace.Tests.Protection;

/// <summary>A store with keys in memory, whose storage these tests inspect and change.</summary>
internal sealed class ProtectionSample : IAsyncDisposable
{
    private readonly List<EventStore> _stores = [];

    public IKeyStore KeyStore { get; set; } = new InMemoryKeyStore();

    public InMemoryMasterKey MasterKey { get; } = new();

    public InMemoryStorage Storage { get; } = new();

    /// <summary>Gets or sets a function that adds faults to the storage of stores that are opened.</summary>
    public Func<IStorage, IStorage> Wrap { get; set; } = static storage => storage;

    public KeyRing Keys { get; private set; } = null!; // Set by Open.

    public static ProtectionModel Model { get; } = new(
        new Dictionary<string, IReadOnlyList<ProtectedMember>>
        {
            ["customer.registered"] =
            [
                new ProtectedMember("/email"),
                new ProtectedMember("/age") { ErasedJson = "0" },
                new ProtectedMember("/phone") { Kind = "contact", ErasedJson = "null" },
                new ProtectedMember("/token") { IsSecret = true, Kind = "secret" },
            ],
            ["party.planned"] =
            [
                new ProtectedMember("/guests/*/name") { Subject = "/guests/*/id", SubjectType = "customer" },
                new ProtectedMember("/host") { Subject = "/hostId", SubjectType = "customer", ErasedJson = "{}" },
            ],
        },
        new Dictionary<string, IReadOnlyList<ProtectedMember>>
        {
            ["customers@1"] = [new ProtectedMember("/name") { Subject = "/id", SubjectType = "customer" }],
        })
    {
        CategoriesOfOneSubject = new HashSet<string> { "party" },
    };

    public async Task<EventStore> Open(
        bool withKeys = true,
        EventTypeMap? types = null,
        StoreOptions? options = null,
        ProtectionModel? model = null)
    {
        Keys = new KeyRing(KeyStore, [MasterKey], TimeSpan.FromMinutes(1), TimeProvider.System);
        var services = new StoreServices(TimeProvider.System, NullLoggerFactory.Instance, null)
        {
            Protection = withKeys ? new StoreProtection(model ?? Model, Keys, new ProtectionScope("", false)) : null,
        };
        var store = EventStore.Create(
            Wrap(new SharedStorage(Storage)), types ?? EventTypeMap.Empty, options ?? new StoreOptions(), services);
        _stores.Add(store);
        await store.Start(CancellationToken.None);
        return store;
    }

    /// <summary>Returns the bytes of the last event of a stream as they are stored.</summary>
    public async Task<string> Stored(string stream) => Text((await StoredEvent(stream)).Payload);

    public async Task<RecordedEvent> StoredEvent(string stream)
    {
        var page = await Storage.Log.ReadStream(
            new StreamPageQuery(new StreamId(stream), long.MaxValue, IsBackwards: true, 1), CancellationToken.None);
        return Assert.Single(page.Events);
    }

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
            await store.DisposeAsync();
        await Storage.DisposeAsync();
    }

    /// <summary>A storage that several stores use one after another.</summary>
    private sealed class SharedStorage(InMemoryStorage inner) : IStorage
    {
        public string Description => inner.Description;

        public ILogStorage Log => inner.Log;

        public IDocumentStorage Documents => inner.Documents;

        public ILeaseStorage Leases => inner.Leases;

        public IDeadLetterStorage DeadLetters => inner.DeadLetters;

        public IMaintenanceStorage Maintenance => inner.Maintenance;

        public ValueTask Open(CancellationToken cancellationToken) => inner.Open(cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
