namespace Millrace.Retention;

/// <summary>The events of a stream that a run removed.</summary>
/// <param name="Stream">The name of the stream, as the tenant uses it.</param>
/// <param name="To">The last removed version.</param>
/// <param name="Events">The number of removed events.</param>
/// <param name="Bytes">The bytes of their payloads and metadata.</param>
internal sealed record RemovedStream(string Stream, long To, long Events, long Bytes);
