using Microsoft.Extensions.DependencyInjection;
using Millrace.Auditing;
using Millrace.Backups;
using Millrace.Consuming;
using Millrace.Hosting.Configuration;
using Millrace.Store;

namespace Millrace.Hosting;

/// <summary>Seals and backs up the one log that all tenants share. These consumers belong to no tenant.</summary>
internal sealed class SharedConsumers(IServiceProvider provider, Func<EventStore> getStore)
    : IStoreService, IAsyncDisposable
{
    private ConsumerHost? _host;

    public async Task Start(CancellationToken cancellationToken)
    {
        var host = _host = new ConsumerHost(
            getStore(),
            provider.GetRequiredService<LiveConsumerOptions>().Value,
            StoreServiceFactory.Loggers(provider));
        provider.GetService<SealSetup>()?.AddTo(host, host.Logger);
        provider.GetService<BackupSetup>()?.AddTo(host, host.Logger);
        host.Validate();
        await host.Start(cancellationToken).ConfigureAwait(false);
    }

    public Task Stop(CancellationToken cancellationToken) =>
        _host?.Stop(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _host?.DisposeAsync() ?? ValueTask.CompletedTask;
}
