using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Millrace.Hosting;

namespace Millrace;

/// <summary>Extension methods that keep events in the memory of a node.</summary>
/// <remarks>
/// Commits are durable in the storage before they are acknowledged. Each read first asks for the end of the log
/// and the last removal, in two short requests that simultaneous reads share, so it includes all that was acknowledged
/// before it by any node. Documents, checkpoints and all other data are read from the storage.
/// </remarks>
public static class LogCopyBuilderExtensions
{
    /// <summary>The default size of the cache of streams.</summary>
    public const long DefaultCacheBytes = 64L * 1024 * 1024;

    private const long MinCacheBytes = 64L * 1024;

    /// <summary>
    /// Keeps the streams that were read last in memory. The last call of this method and
    /// <see cref="KeepLogInMemory"/> counts.
    /// </summary>
    /// <param name="millrace">The builder.</param>
    /// <param name="maxBytes">The maximum size in bytes, for each store; at least 65,536. The default is 64 MiB. A
    /// stream that needs more than a quarter of it is not kept.</param>
    public static MillraceBuilder UseEventCache(this MillraceBuilder millrace, long maxBytes = DefaultCacheBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, MinCacheBytes);
        return Use(millrace, new LogCopySetup(maxBytes));
    }

    /// <summary>
    /// Keeps the whole log in memory and reads it when the application starts, so that streams, filtered reads of the
    /// log and rebuilds are read from memory. An event needs its payload and metadata, and about 600 bytes.
    /// </summary>
    /// <param name="millrace">The builder.</param>
    public static MillraceBuilder KeepLogInMemory(this MillraceBuilder millrace) =>
        Use(millrace, new LogCopySetup(MaxBytes: null));

    private static MillraceBuilder Use(MillraceBuilder millrace, LogCopySetup setup)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        millrace.Services.Replace(ServiceDescriptor.Singleton(setup));
        return millrace;
    }
}
