using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Hosting.Nodes;
using Millrace.Store;

namespace Millrace.Hosting;

/// <summary>
/// Opens the store before all other services of the host start, and closes it after they have stopped.
/// </summary>
/// <remarks>
/// Works with hosts that support the whole life cycle, and with hosts that only call <see cref="StartAsync"/> and <see
/// cref="StopAsync"/>.
/// </remarks>
internal sealed partial class StoreHost(
    Func<EventStore> getStore,
    Func<IEnumerable<IStoreService>> getServices,
    NodeStart start,
    ILogger logger) : IHostedLifecycleService
{
    private readonly List<IStoreService> _running = [];
    private EventStore? _store;
    private bool _hasLifecycle;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _hasLifecycle = true;
        return Start(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) =>
        _store is null ? Start(cancellationToken) : Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) =>
        _hasLifecycle ? Task.CompletedTask : Stop(cancellationToken);

    public Task StoppedAsync(CancellationToken cancellationToken) => Stop(cancellationToken);

    private async Task Start(CancellationToken cancellationToken)
    {
        var store = getStore();
        await new StoreOpener(store.Options.OpenTimeout, store.Time, logger)
            .Open(store.Start, cancellationToken).ConfigureAwait(false);
        _store = store;
        Log.Opened(logger, store.Description);
        foreach (var service in getServices().OrderByDescending(static service => service.IsOutermost))
        {
            await service.Start(cancellationToken).ConfigureAwait(false);
            _running.Add(service);
        }
        start.Complete();
    }

    private async Task Stop(CancellationToken cancellationToken)
    {
        if (_store is not { } store)
            return;
        _store = null;
        for (var i = _running.Count - 1; i >= 0; i--)
            await Stop(_running[i], cancellationToken).ConfigureAwait(false);
        _running.Clear();
        await store.DisposeAsync().ConfigureAwait(false);
        Log.Closed(logger, store.Description);
    }

    private async Task Stop(IStoreService service, CancellationToken cancellationToken)
    {
        try
        {
            await service.Stop(cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A service that fails to stop must not keep the others and the store from closing.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.StopFailed(logger, service.GetType().Name, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 5001, Level = LogLevel.Information, Message = "The store is open: {Store}.")]
        public static partial void Opened(ILogger logger, string store);

        [LoggerMessage(EventId = 5002, Level = LogLevel.Information, Message = "The store is closed: {Store}.")]
        public static partial void Closed(ILogger logger, string store);

        [LoggerMessage(EventId = 5003, Level = LogLevel.Error, Message = "{Service} could not be stopped normally.")]
        public static partial void StopFailed(ILogger logger, string service, Exception exception);
    }
}
