namespace Millrace.Storage.Archives;

/// <summary>The last restoration of a stream, or of all streams, to the store.</summary>
/// <param name="Stream">The stream; null for all.</param>
/// <param name="Events">The number of events.</param>
/// <param name="At">The time.</param>
/// <param name="By">The user; null if unknown.</param>
internal sealed record ArchiveRestoration(string? Stream, int Events, DateTimeOffset At, string? By);
