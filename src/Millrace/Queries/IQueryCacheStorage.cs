namespace Millrace;

/// <summary>
/// Stores cached answers in the memory of the process and, optionally, in a level that nodes share. Packages implement
/// it, such as Millrace.Caching. Millrace decides which answers are still right, so a storage may lose answers and may
/// return old ones. Thread-safe.
/// </summary>
public interface IQueryCacheStorage : IAsyncDisposable
{
    /// <summary>Gets whether nodes share a second level.</summary>
    bool IsShared { get; }

    /// <summary>Returns an answer from the memory of this process; null if there is none.</summary>
    CachedAnswer? Find(string key);

    /// <summary>
    /// Returns an answer from the level that nodes share; null if there is none or the level is not available. The wait
    /// has a bound.
    /// </summary>
    ValueTask<CachedAnswer?> FindShared(string key, CancellationToken cancellationToken);

    /// <summary>
    /// Stores an answer in memory, and in the shared level if it <see cref="CachedAnswer.Bytes">has bytes</see>. Does
    /// not wait for the shared level.
    /// </summary>
    /// <param name="key">The key, which contains no personal data.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="expiry">The time after which the answer is removed.</param>
    /// <param name="isFromShared">Whether the shared level already contains the answer.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask Put(
        string key, CachedAnswer answer, TimeSpan expiry, bool isFromShared, CancellationToken cancellationToken);

    /// <summary>
    /// Removes all answers from the memory of this process, so that it contains no erased value. Other nodes clear
    /// theirs.
    /// </summary>
    void Clear();

    /// <summary>Removes the answers whose keys have a start from the memory of this process.</summary>
    /// <param name="keyStart">The start, such as that of a tenant that is closed.</param>
    void Remove(string keyStart);
}
