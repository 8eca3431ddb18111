namespace Millrace.Storage.Objects;

/// <summary>
/// A place for backups and archives that stores whole objects under names: a directory, S3-compatible object storage,
/// or Azure Blob Storage. Implementations are thread-safe.
/// </summary>
/// <remarks>
/// A name consists of segments that are separated by slashes. A segment contains lower case letters, digits, dashes,
/// underscores and dots, and does not start or end with a dot (see <see cref="ObjectName"/>). A whole name must not be
/// the first segments of another, because a directory cannot store both. An object has at most 64 MiB.
/// <c>ObjectStorageConformance</c> in <c>Millrace.Testing</c> tests an implementation.
/// </remarks>
public interface IObjectStorage
{
    /// <summary>Gets the display name, such as <c>the directory /backups/shop</c>; without secrets.</summary>
    string Description { get; }

    /// <summary>
    /// Stores an object. When the method returns, the object is durable. Readers see the whole object or the previous
    /// one, also if the method fails.
    /// </summary>
    /// <param name="name">The name. An existing object with this name is replaced.</param>
    /// <param name="content">The content.</param>
    /// <param name="cancellationToken">Cancels the operation. The object may be stored nevertheless.</param>
    /// <exception cref="ObjectStorageException">The object was not stored.</exception>
    ValueTask Put(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Reads an object; null if there is none with this name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ObjectStorageException">The object could not be read.</exception>
    ValueTask<ReadOnlyMemory<byte>?> Get(string name, CancellationToken cancellationToken);

    /// <summary>
    /// Lists the objects whose names start with a prefix, ordered by name (ordinally). Objects that are stored or
    /// removed meanwhile may be listed or not. Files of other programs with invalid names are not listed.
    /// </summary>
    /// <param name="prefix">The prefix; empty for all objects. It does not have to end at a slash.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ObjectStorageException">The objects could not be listed.</exception>
    IAsyncEnumerable<StoredObject> List(string prefix, CancellationToken cancellationToken);

    /// <summary>Removes an object. Has no effect if there is none with this name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ObjectStorageException">The object could not be removed.</exception>
    ValueTask Delete(string name, CancellationToken cancellationToken);
}
