using Millrace.Storage.Archives;
using Millrace.Storage.Objects;

namespace Millrace.Storage;

/// <summary>Extension methods that read archived events.</summary>
public static class ArchivedStorageExtensions
{
    /// <summary>
    /// Returns a storage that also reads the archived events of this storage. An application uses <c>UseArchive</c>
    /// instead.
    /// </summary>
    /// <param name="storage">The storage. The result owns it.</param>
    /// <param name="options">The options of the archive.</param>
    /// <exception cref="ArgumentException">Options are out of range. The message lists all of them.</exception>
    public static IStorage WithArchive(this IStorage storage, ArchiveOptions options) =>
        storage.WithArchive(options, reads: null);

    /// <summary>
    /// Returns a storage that also reads the archived events of this storage, from the place that the storage records.
    /// </summary>
    /// <param name="storage">The storage. The result owns it.</param>
    /// <param name="format">The format of the segments.</param>
    /// <param name="open">Opens the place when an archived event is read first.</param>
    public static IStorage WithArchive(
        this IStorage storage, IArchiveFormat format, Func<ArchivePlace, IObjectStorage> open)
    {
        ArgumentNullException.ThrowIfNull(storage);
        ArgumentNullException.ThrowIfNull(format);
        ArgumentNullException.ThrowIfNull(open);
        return new ArchivedStorage(
            storage,
            new ArchiveAccess(format, header => open(new ArchivePlace(header.Place, header.Address))));
    }

    /// <summary>Returns a storage that also reads the archived events, and counts its reads.</summary>
    internal static IStorage WithArchive(this IStorage storage, ArchiveOptions options, ArchiveReads? reads)
    {
        ArgumentNullException.ThrowIfNull(storage);
        ArgumentNullException.ThrowIfNull(options);
        var valid = options.Checked();
        // Both are checked.
        var access = new ArchiveAccess(valid.Format!, _ => valid.Place!, valid.CacheBytes, reads);
        return new ArchivedStorage(storage, access);
    }
}
