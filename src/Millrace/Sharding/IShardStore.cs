namespace Millrace.Sharding;

/// <summary>The store of a shard as this node uses it.</summary>
internal interface IShardStore : IAsyncDisposable
{
    /// <summary>Gets the store.</summary>
    EventStore Store { get; }

    /// <summary>
    /// Opens the store. After a failure, the next call tries again; after a success, it has no effect.
    /// </summary>
    ValueTask Open(CancellationToken cancellationToken);

    /// <summary>
    /// Starts what runs on the store, after it was verified that it is the shard. After a failure, the next call tries
    /// again; after a success, it has no effect.
    /// </summary>
    ValueTask Activate(CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
