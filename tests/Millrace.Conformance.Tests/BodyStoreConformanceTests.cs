using Millrace.Messaging;
using Millrace.Sqlite;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Conformance.Tests;

/// <summary>Bodies of messages in the store: two nodes on one file.</summary>
public sealed class BodyStoreConformanceTests : BodyStoreConformance, IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-").FullName;
    private readonly List<EventStore> _stores = [];

    public static TheoryData<string> Promises => new(Checks);

    [Theory]
    [MemberData(nameof(Promises))]
    public Task Keeps_its_promise(string check) => Run(check);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var store in _stores)
            await store.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    protected override async ValueTask<IBodyStore> Create(CancellationToken cancellationToken)
    {
        IStorage storage = new SqliteStorage(Path.Combine(_directory, "store.db"));
        var store = await EventStore.Open(storage, EventTypeMap.Empty, cancellationToken: cancellationToken);
        _stores.Add(store);
        return new StoreBodies(store);
    }
}
