namespace Millrace;

/// <summary>The result of an archive run.</summary>
/// <param name="Streams">The number of streams with events that were archived. Above 100,000
/// streams, the number is approximate.</param>
/// <param name="Events">The number of events that were archived.</param>
/// <param name="ContentBytes">The size of their payloads and metadata in the store.</param>
/// <param name="Segments">The number of segments that were written.</param>
/// <param name="SegmentBytes">The size of the segments.</param>
public sealed record ArchiveReport(long Streams, long Events, long ContentBytes, int Segments, long SegmentBytes);
