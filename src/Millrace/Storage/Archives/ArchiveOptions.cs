using Millrace.Storage.Archives;
using Millrace.Storage.Objects;

namespace Millrace;

/// <summary>Options of an archive.</summary>
public sealed class ArchiveOptions
{
    internal const long DefaultCacheBytes = 64L * 1024 * 1024;

    /// <summary>Gets or sets the place of the archive. Required.</summary>
    public IObjectStorage? Place { get; set; }

    /// <summary>
    /// Gets or sets the address of the place for the command line tool, such as <c>s3://archives/shop</c>; null by
    /// default. The store records it.
    /// </summary>
    public string? Address { get; set; }

    /// <summary>
    /// Gets or sets the format of the segments. Required. <c>UseArchive</c> of the package <c>Millrace.Archive</c> sets
    /// Parquet.
    /// </summary>
    public IArchiveFormat? Format { get; set; }

    /// <summary>
    /// Gets or sets the maximum size of the archived events that are kept in memory, in bytes; at least 1 MiB, 64 MiB
    /// by default. The last segment is kept even if it is larger.
    /// </summary>
    public long CacheBytes { get; set; } = DefaultCacheBytes;

    /// <summary>
    /// Gets or sets the maximum number of events of a segment; from 1 to 100,000, 10,000 by default. A run needs memory
    /// for one segment.
    /// </summary>
    public int SegmentEvents { get; set; } = 10_000;

    /// <summary>
    /// Gets or sets the size of payloads and metadata after which a segment ends, in bytes; from 1 KiB to 32 MiB, 8 MiB
    /// by default. A read of one archived event reads its segment.
    /// </summary>
    public int SegmentBytes { get; set; } = 8 * 1024 * 1024;

    internal ArchiveOptions Copy() => (ArchiveOptions)MemberwiseClone();

    /// <summary>Returns a copy.</summary>
    /// <exception cref="ArgumentException">Options are out of range. The message lists all of them.</exception>
    internal ArchiveOptions Checked() => Problems().ToArray() is { Length: > 0 } problems
        ? throw new ArgumentException(string.Join(" ", problems))
        : Copy();

    internal IEnumerable<string> Problems()
    {
        if (Place is null)
            yield return "Place: is required, such as new DirectoryObjectStorage(\"/archives/shop\").";
        if (Format is null)
            yield return "Format: is required. Use UseArchive of the package Millrace.Archive for Parquet.";
        if (CacheBytes < 1024 * 1024)
            yield return $"CacheBytes: must be at least 1 MiB, but is {CacheBytes}.";
        if (SegmentEvents is < 1 or > 100_000)
            yield return $"SegmentEvents: must be from 1 to 100,000, but is {SegmentEvents}.";
        if (SegmentBytes is < 1024 or > 32 * 1024 * 1024)
            yield return $"SegmentBytes: must be from 1 KiB to 32 MiB, but is {SegmentBytes}.";
    }
}
