using Millrace.Sqlite;

namespace Millrace.Conformance.Tests;

/// <summary>A temporary database file that several nodes open.</summary>
internal sealed class SharedFile : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-").FullName;
    private readonly List<EventStore> _stores = [];

    private SharedFile()
    {
    }

    public static SharedFile Create() => new();

    /// <summary>Opens the file as an additional node.</summary>
    public async Task<EventStore> Open(CancellationToken cancellationToken)
    {
        var storage = new SqliteStorage(Path.Combine(_directory, "store.db"));
        var store = await EventStore.Open(storage, EventTypeMap.Empty, cancellationToken: cancellationToken);
        _stores.Add(store);
        return store;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
            await store.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
