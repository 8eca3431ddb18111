namespace Millrace.Faults.Tests;

/// <summary>A row of the log as it is in the table.</summary>
internal sealed record LogRow(long Position, string Stream, long Version, Guid Id, DateTime RecordedAt);
