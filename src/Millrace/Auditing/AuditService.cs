using Millrace.Store;

namespace Millrace.Auditing;

/// <summary>Records the settings of a store when it starts, and the uses of its keys while it is open.</summary>
/// <param name="configuration">Records the settings; null if they are not recorded.</param>
/// <param name="keys">Records the uses of keys; null if they are not recorded.</param>
internal sealed class AuditService(ConfigurationAudit? configuration, KeyAudit? keys) : IStoreService, IAsyncDisposable
{
    // Consumers use keys until they have stopped.
    public bool IsOutermost => true;

    public async Task Start(CancellationToken cancellationToken)
    {
        if (configuration is not null)
            await configuration.Record(cancellationToken).ConfigureAwait(false);
        keys?.Start();
    }

    public Task Stop(CancellationToken cancellationToken) => keys?.Stop(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => keys?.DisposeAsync() ?? ValueTask.CompletedTask;
}
