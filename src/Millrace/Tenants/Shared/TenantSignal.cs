using Millrace.Storage;

namespace Millrace;

/// <summary>Tells whether there are events of a tenant in the shared log beyond what was seen of it.</summary>
internal sealed class TenantSignal(Action<TenantSignal> forget) : IDisposable
{
    private readonly HeadSignal _signal = new();

    /// <summary>Notes where the last event of the tenant stands.</summary>
    public void Noticed(LogHead last) => _signal.Notice(last);

    public async ValueTask WaitBeyond(LogHead seen, CancellationToken cancellationToken)
    {
        while (_signal.Beyond(seen) is { } moved)
            await moved.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => forget(this);
}
