namespace Millrace.Sharding;

/// <summary>The store of a shard which the caller has open, and keeps open.</summary>
internal sealed class OpenShardStore(EventStore store) : IShardStore
{
    public EventStore Store { get; } = store;

    public ValueTask Open(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
