namespace Millrace;

/// <summary>Versions of a stream that are not in the log.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Before">The version that was seen before them; null when none was, so that it is not known how many are
/// in what is audited.
/// </param>
/// <param name="Version">The version that was seen behind them.</param>
/// <param name="Position">Its position.</param>
internal readonly record struct VersionGap(StreamId Stream, long? Before, long Version, long Position);
