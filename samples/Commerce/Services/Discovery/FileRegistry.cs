using System.Runtime.CompilerServices;
using Millrace.Sqlite;

namespace Commerce.Services.Discovery;

/// <summary>The built-in registry in a file that all services of this machine share. The stores of the services are
/// separate.</summary>
public sealed class FileRegistry(string path, TimeProvider time, ILoggerFactory loggers)
    : IServiceRegistry,
        IAsyncDisposable
{
    private readonly SemaphoreSlim _opening = new(1);
    private EventStore? _store;
    private StoreRegistry? _registry;

    public string Description => $"SQLite {path}";

    public async ValueTask Register(
        ServiceInstance instance,
        TimeSpan timeToLive,
        CancellationToken cancellationToken = default
    ) => await (await Open(cancellationToken)).Register(instance, timeToLive, cancellationToken);

    public async ValueTask<bool> Heartbeat(
        string name, string id, ServiceHealth health, CancellationToken cancellationToken = default) =>
        await (await Open(cancellationToken)).Heartbeat(name, id, health, cancellationToken);

    public async ValueTask Deregister(string name, string id, CancellationToken cancellationToken = default) =>
        await (await Open(cancellationToken)).Deregister(name, id, cancellationToken);

    public async ValueTask<IReadOnlyList<ServiceInstance>> Find(
        string name,
        CancellationToken cancellationToken = default
    ) => await (await Open(cancellationToken)).Find(name, cancellationToken);

    public async ValueTask<IReadOnlyList<ServiceInstance>> List(CancellationToken cancellationToken = default) =>
        await (await Open(cancellationToken)).List(cancellationToken);

    public async IAsyncEnumerable<IReadOnlyList<ServiceInstance>> Watch(
        string name, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var found in (await Open(cancellationToken)).Watch(name, cancellationToken))
            yield return found;
    }

    public async ValueTask DisposeAsync()
    {
        if (_store is not null)
            await _store.DisposeAsync();
        _opening.Dispose();
    }

    private async ValueTask<StoreRegistry> Open(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            _store ??= await EventStore.Open(
                new SqliteStorage(path),
                EventTypeMap.Empty,
                time: time,
                loggers: loggers,
                cancellationToken: cancellationToken);
            return _registry ??= new StoreRegistry(_store);
        }
        finally
        {
            _opening.Release();
        }
    }
}
