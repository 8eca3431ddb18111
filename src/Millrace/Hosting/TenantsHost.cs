using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Hosting.Nodes;
using Millrace.Store;

namespace Millrace.Hosting;

/// <summary>
/// Opens the resources that tenants share before all other services of the host start, and closes all tenants after
/// they have stopped.
/// </summary>
/// <remarks>
/// Works with hosts that support the whole life cycle, and with hosts that only call <see cref="StartAsync"/> and <see
/// cref="StopAsync"/>.
/// </remarks>
internal sealed partial class TenantsHost(
    Func<Tenants> getTenants,
    Func<IEnumerable<IStoreService>> getServices,
    bool hasConsumers,
    NodeStart start,
    Func<StoreOpener> createOpener,
    ILogger logger) : IHostedLifecycleService
{
    private readonly List<IStoreService> _running = [];
    private Tenants? _tenants;
    private bool _hasLifecycle;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _hasLifecycle = true;
        return Start(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) =>
        _tenants is null ? Start(cancellationToken) : Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) =>
        _hasLifecycle ? Task.CompletedTask : Stop(cancellationToken);

    public Task StoppedAsync(CancellationToken cancellationToken) => Stop(cancellationToken);

    private async Task Start(CancellationToken cancellationToken)
    {
        var tenants = getTenants();
        await createOpener()
            .Open(cancel => tenants.Start(hasConsumers, cancel), cancellationToken).ConfigureAwait(false);
        _tenants = tenants;
        foreach (var service in getServices())
        {
            await service.Start(cancellationToken).ConfigureAwait(false);
            _running.Add(service);
        }
        start.Complete();
        Log.Opened(logger, tenants.Description);
    }

    private async Task Stop(CancellationToken cancellationToken)
    {
        if (_tenants is not { } tenants)
            return;
        _tenants = null;
        foreach (var service in _running)
            await service.Stop(cancellationToken).ConfigureAwait(false);
        _running.Clear();
        await tenants.DisposeAsync().ConfigureAwait(false);
        Log.Closed(logger, tenants.Description);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 5011, Level = LogLevel.Information, Message = "Tenants can be entered: {Tenants}.")]
        public static partial void Opened(ILogger logger, string tenants);

        [LoggerMessage(EventId = 5012, Level = LogLevel.Information, Message = "All tenants are closed: {Tenants}.")]
        public static partial void Closed(ILogger logger, string tenants);
    }
}
