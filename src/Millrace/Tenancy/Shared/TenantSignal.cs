using Millrace.Storage;

namespace Millrace.Tenancy.Shared;

/// <summary>Signals that the shared log has new events of a tenant.</summary>
internal sealed class TenantSignal(Action<TenantSignal> forget) : IDisposable
{
    private readonly HeadSignal _signal = new();

    /// <summary>Records the position of the tenant's last event.</summary>
    public void Notify(LogHead last) => _signal.Advance(last);

    public async ValueTask WaitBeyond(LogHead seen, CancellationToken cancellationToken)
    {
        while (_signal.WaitBeyond(seen) is { } moved)
            await moved.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => forget(this);
}
