using Millrace.Store;

namespace Millrace.Hosting;

/// <summary>
/// Drops the decrypted values that the store of all shards has in memory, when keys were destroyed in one of the
/// shards.
/// </summary>
internal sealed class KeyErasureForwarder(StreamShards shards, EventStore store) : IStoreService
{
    public bool IsOutermost => true;

    public Task Start(CancellationToken cancellationToken)
    {
        shards.OnKeysDestroyed(store.Stored.ForgetValues);
        return Task.CompletedTask;
    }

    public Task Stop(CancellationToken cancellationToken) => Task.CompletedTask;
}
