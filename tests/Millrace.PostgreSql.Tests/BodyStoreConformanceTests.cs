using Millrace.Messaging;
using Millrace.Testing;

namespace Millrace.PostgreSql.Tests;

/// <summary>Bodies of messages in the store: two nodes on one database.</summary>
public sealed class BodyStoreConformanceTests : BodyStoreConformance, IAsyncLifetime
{
    private readonly List<EventStore> _stores = [];
    private string _database = "";

    public static TheoryData<string> Promises => new(Checks);

    [PostgreSqlTheory]
    [MemberData(nameof(Promises))]
    public Task Keeps_its_promise(string check) => Run(check);

    public async Task InitializeAsync() => _database = await TestServer.CreateStore();

    public async Task DisposeAsync()
    {
        foreach (var store in _stores)
            await store.DisposeAsync();
        await TestServer.Return(_database);
    }

    protected override async ValueTask<IBodyStore> Create(CancellationToken cancellationToken)
    {
        var storage = new PostgreSqlStorage(await TestServer.Options(_database));
        var store = await EventStore.Open(storage, EventTypeMap.Empty, cancellationToken: cancellationToken);
        _stores.Add(store);
        return new StoreBodies(store);
    }
}
