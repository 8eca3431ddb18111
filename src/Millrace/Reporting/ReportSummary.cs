namespace Millrace;

/// <summary>The result of writing a report.</summary>
/// <param name="FindingCount">The number of findings, such as overdue requests.</param>
/// <param name="Position">The last position of the log that the report covers.</param>
public sealed record ReportSummary(long FindingCount, long Position);
