using System.Globalization;
using Millrace.Storage;

namespace Millrace.Sharding;

/// <summary>
/// Refuses to open a shard whose file was lost. The storage would create an empty one, which hides the loss.
/// </summary>
internal static class LostShardCheck
{
    /// <summary>Throws if a shard of the map was in a file that does not exist.</summary>
    /// <exception cref="StorageException">The file does not exist.</exception>
    public static void ThrowIfLost(EventStore store, ShardRecord record)
    {
        if (MissingFileOf(store) is not { } file)
            return;
        throw new StorageException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"the file '{file}' does not exist, but the shard was added at {record.AddedAt.UtcDateTime:u}. ")
                + "It is not created again: its data would be missing. Mount its disk, correct the path, or restore "
                + $"the last backup of the shard with: millrace restore PLACE '{file}'",
            StorageProblem.Unavailable);
    }

    /// <summary>Throws if the file of the home shard does not exist, but other shards belong to a map.</summary>
    /// <param name="shards">The shards of this node, the home shard first.</param>
    /// <param name="limit">The maximum time to open each of the others.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ShardIdentityException">The home shard is lost, or its address is wrong.</exception>
    public static async ValueTask ThrowIfHomeLost(
        IReadOnlyList<ShardConnection> shards, TimeSpan limit, CancellationToken cancellationToken)
    {
        var home = shards[0];
        if (MissingFileOf(home.Inner.Store) is not { } file)
            return;
        foreach (var shard in shards.Skip(1).Where(static one => MissingFileOf(one.Inner.Store) is null))
        {
            await shard.OpenStore(limit, cancellationToken).ConfigureAwait(false);
            if (await shard.Documents.FindFence(cancellationToken).ConfigureAwait(false) is { } fence)
            {
                throw new ShardIdentityException(
                    home.Shard,
                    $"its file '{file}' does not exist, but the store of '{shard.Shard}' is the shard '{fence.Shard}' "
                        + "of a map. The file is not created again: it contained the map. Mount its disk, or restore "
                        + $"its last backup with: millrace restore PLACE '{file}'.");
            }
        }
    }

    private static string? MissingFileOf(EventStore store) => store.Stored.Inner.MissingFile;
}
