using Millrace.Hosting;

namespace Millrace;

/// <summary>Adds a cache of the answers to queries.</summary>
public static class MillraceQueryCacheExtensions
{
    /// <summary>
    /// Caches the answers to queries in a storage. Packages call this method, such as in <c>AddQueryCache</c> of
    /// Millrace.Caching. A second call adds to the declaration, and its storage applies.
    /// </summary>
    /// <param name="millrace">The application.</param>
    /// <param name="create">Creates the storage when the application starts. The application disposes it.</param>
    /// <param name="configure">Declares the cached queries, and the events that invalidate answers.</param>
    public static MillraceBuilder UseQueryCache(
        this MillraceBuilder millrace,
        Func<IServiceProvider, IQueryCacheStorage> create,
        Action<QueryCacheBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        ArgumentNullException.ThrowIfNull(create);
        ArgumentNullException.ThrowIfNull(configure);
        configure(QueryCacheRegistration.GetOrAdd(millrace.Services, create));
        return millrace;
    }
}
