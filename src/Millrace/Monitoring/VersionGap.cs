namespace Millrace;

/// <summary>Versions of a stream that are missing in the log.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Before">The last version seen before the gap; null when none was seen, so that the number of missing
/// versions in the audited range is not known.</param>
/// <param name="Version">The version seen after the gap.</param>
/// <param name="Position">The position of that version.</param>
internal readonly record struct VersionGap(StreamId Stream, long? Before, long Version, long Position);
