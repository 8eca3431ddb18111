using Microsoft.Extensions.Hosting;
using Millrace.Hosting.Nodes;

namespace Millrace;

/// <summary>The state of this node for probes. Reading it never accesses the store. Thread-safe.</summary>
/// <remarks>
/// While the application runs, the node checks twice a second whether its store answers. If tenants share a store, it
/// checks this store, and with shards that of the home shard.
/// </remarks>
public sealed class NodeHealth
{
    private readonly NodeStart _start;
    private readonly StoreMonitor _monitor;
    private readonly NodeDrain _drain;
    private readonly IHostApplicationLifetime? _lifetime;

    internal NodeHealth(NodeStart start, StoreMonitor monitor, NodeDrain drain, IHostApplicationLifetime? lifetime)
    {
        _start = start;
        _monitor = monitor;
        _drain = drain;
        _lifetime = lifetime;
    }

    /// <summary>
    /// Gets whether the node can work, whether or not the store can be reached. If false, only a restart helps.
    /// </summary>
    public bool IsLive => !_monitor.HasFailed;

    /// <summary>
    /// Gets whether the store is open and up to date, and all consumers and services of the host have started.
    /// </summary>
    public bool IsStarted =>
        _start.IsComplete && _lifetime is not { ApplicationStarted.IsCancellationRequested: false };

    /// <summary>
    /// Gets whether the store answered the last check. It is also false after an append failed because the store could
    /// not be reached, until the store answers a later check.
    /// </summary>
    public bool IsStoreReachable => _monitor.IsReachable;

    /// <summary>
    /// Gets whether the node should receive requests: it is live, has started, reaches its store and is not draining.
    /// </summary>
    public bool IsReady => IsStarted && IsStoreReachable && IsLive && !_drain.IsDraining;
}
