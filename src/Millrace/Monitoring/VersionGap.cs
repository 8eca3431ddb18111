namespace Millrace.Monitoring;

/// <summary>Versions of a stream that are missing in the log.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Before">The last version that was read before the gap. The value is null if no version was read, so
/// that the number of missing versions in the audited range is unknown.</param>
/// <param name="Version">The version that was read after the gap.</param>
/// <param name="Position">The position of that version.</param>
internal readonly record struct VersionGap(StreamId Stream, long? Before, long Version, long Position);
