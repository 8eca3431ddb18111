using System.Collections.Concurrent;

namespace Millrace.Tenancy;

/// <summary>The tenants that no caller can enter on this node at present, because they move to another shard.</summary>
internal sealed class HeldTenants(TimeProvider time)
{
    private readonly ConcurrentDictionary<TenantId, TaskCompletionSource> _held = new();

    /// <summary>Holds a tenant. Returns false if it is already held.</summary>
    public bool TryAdd(TenantId tenant) =>
        _held.TryAdd(tenant, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>Allows callers to enter a tenant again.</summary>
    public void Release(TenantId tenant)
    {
        if (_held.TryRemove(tenant, out var released))
            released.TrySetResult();
    }

    /// <exception cref="TenantMovingException">The tenant is held.</exception>
    public void ThrowIfHeld(TenantId tenant)
    {
        if (_held.ContainsKey(tenant))
            throw new TenantMovingException(tenant);
    }

    /// <summary>Waits until a tenant is not held.</summary>
    /// <exception cref="TenantMovingException">It is still held after the time limit.</exception>
    public async ValueTask Wait(TenantId tenant, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (!_held.TryGetValue(tenant, out var released))
            return;
        try
        {
            await released.Task.WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new TenantMovingException(tenant);
        }
    }
}
