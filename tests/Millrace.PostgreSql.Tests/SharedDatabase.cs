namespace Millrace.PostgreSql.Tests;

/// <summary>A separate database that several nodes open.</summary>
internal sealed class SharedDatabase(string database) : IAsyncDisposable
{
    private readonly List<EventStore> _stores = [];

    public static async Task<SharedDatabase> Create() => new(await TestServer.CreateStore());

    /// <summary>Opens the store of the database as another node.</summary>
    public async Task<EventStore> Open(CancellationToken cancellationToken)
    {
        var storage = new PostgreSqlStorage(await TestServer.Options(database));
        var store = await EventStore.Open(storage, EventTypeMap.Empty, cancellationToken: cancellationToken);
        _stores.Add(store);
        return store;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
            await store.DisposeAsync();
        await TestServer.Return(database);
    }
}
