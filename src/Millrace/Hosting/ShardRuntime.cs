using System.Diagnostics.Metrics;
using Millrace.Consuming;
using Millrace.Sharding;
using Millrace.Storage;

namespace Millrace.Hosting;

/// <summary>
/// The store of a shard with its consumers, which run from the start of the application until its end.
/// </summary>
internal sealed class ShardRuntime : IShardStore
{
    private readonly IServiceProvider _provider;
    private readonly MillraceBuilder _builder;
    private readonly IMeterFactory _meters;
    private readonly SemaphoreSlim _opening = new(1);
    private readonly Lock _lock = new();
    private volatile StoreRuntime? _running;
    private volatile bool _mayRun;
    private Task _start = Task.CompletedTask;
    private bool _isOpen;

    public ShardRuntime(IServiceProvider provider, MillraceBuilder builder, IStorage storage, IMeterFactory meters)
    {
        (_provider, _builder, _meters) = (provider, builder, meters);
        Store = StoreServiceFactory.Store(provider, storage, meters);
        Store.IsHostOwned = true;
    }

    public EventStore Store { get; }

    /// <summary>Gets the consumers; null until they run.</summary>
    public ConsumerHost? Consumers => _running?.CreatedConsumers;

    public async ValueTask Open(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_isOpen)
                return;
            await Store.Start(cancellationToken).ConfigureAwait(false);
            _isOpen = true;
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>Allows the consumers to run: the services that they use are available.</summary>
    public void AllowConsumers() => _mayRun = true;

    /// <summary>
    /// Starts the consumers if they may run. The start continues after a time-out of the caller, and the next call
    /// waits for it.
    /// </summary>
    public async ValueTask Activate(CancellationToken cancellationToken)
    {
        if (!_mayRun || _running is not null)
            return;
        Task start;
        lock (_lock)
        {
            if (_mayRun && _running is null && _start.IsCompleted)
                _start = Task.Run(StartConsumers, CancellationToken.None);
            start = _start;
        }
        await start.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops the consumers.</summary>
    public async Task StopConsumers(CancellationToken cancellationToken)
    {
        Task start;
        lock (_lock)
        {
            _mayRun = false;
            start = _start;
        }
        await start.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_running is { } running)
            await running.Stop(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (_running is { } running)
            await running.DisposeAsync().ConfigureAwait(false);
        await Store.Close().ConfigureAwait(false);
        _opening.Dispose();
    }

    private async Task StartConsumers()
    {
        var runtime = new StoreRuntime(_provider, _builder, Store, _meters, tenant: "");
        try
        {
            await runtime.Start(CancellationToken.None).ConfigureAwait(false);
        }
        catch
        {
            await runtime.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        _running = runtime;
    }
}
