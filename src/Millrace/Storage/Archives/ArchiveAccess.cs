using Millrace.Storage.Objects;

namespace Millrace.Storage.Archives;

/// <summary>How a program reads archives.</summary>
/// <param name="Format">The format of the segments.</param>
/// <param name="Open">Returns the place of an archive.</param>
/// <param name="CacheBytes">The maximum size of the segments that are kept in memory.</param>
/// <param name="Reads">Counts the reads; null for none.</param>
internal sealed record ArchiveAccess(
    IArchiveFormat Format,
    Func<ArchiveHeader, IObjectStorage> Open,
    long CacheBytes = ArchiveOptions.DefaultCacheBytes,
    ArchiveReads? Reads = null);
