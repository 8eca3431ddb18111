using Millrace.Storage;
using Millrace.Storage.Caching;

namespace Millrace.Hosting;

/// <summary>What the nodes of an application keep in memory of the log.</summary>
/// <param name="MaxBytes">The maximum size of the streams that were read last; null for the whole log.</param>
internal sealed record LogCopySetup(long? MaxBytes)
{
    public IStorage Wrap(IStorage storage) =>
        new CachedStorage(storage, MaxBytes is { } bytes ? new StreamCache(bytes) : new LogReplica());
}
