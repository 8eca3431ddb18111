namespace Millrace.Faults.Tests;

/// <summary>A row in the table of the log.</summary>
internal sealed record LogRow(long Position, string Stream, long Version, Guid Id, DateTime RecordedAt);
