using Millrace.Storage.Objects;

namespace Millrace;

/// <summary>Extension methods that read and write archives in Parquet.</summary>
public static class ArchiveBuilderExtensions
{
    /// <summary>
    /// Reads archived events from a place with Parquet segments, so that streams, the log, rebuilds and audits contain
    /// them. <c>millrace archive run</c> or <see cref="StoreArchive"/> archives events.
    /// </summary>
    /// <param name="millrace">The builder.</param>
    /// <param name="place">The place, such as <c>new DirectoryObjectStorage("/archives/shop")</c>. All nodes need
    /// access to it.</param>
    /// <param name="configure">Sets further options; may be null.</param>
    public static MillraceBuilder UseArchive(
        this MillraceBuilder millrace, IObjectStorage place, Action<ArchiveOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        ArgumentNullException.ThrowIfNull(place);
        return millrace.UseArchive(options =>
        {
            options.Place = place;
            options.Format = new ParquetArchiveFormat();
            configure?.Invoke(options);
        });
    }
}
