using System.Collections.Concurrent;

namespace Millrace.Auditing;

/// <summary>
/// The uses of data keys that are not in the audit trail yet, by tenant. The callers never wait. Thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class KeyUseLog(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, KeyUseQueue> _queues = new(StringComparer.Ordinal);

    public void Record(KeyUse use) => Of(use.Owner.Tenant).Add(use);

    /// <summary>Returns the queue of a tenant; empty without tenants.</summary>
    public KeyUseQueue Of(string tenant) =>
        _queues.GetOrAdd(tenant, static (_, time) => new KeyUseQueue(time), time);
}
