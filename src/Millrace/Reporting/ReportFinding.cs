namespace Millrace.Reporting;

/// <summary>A fact that an auditor must examine.</summary>
/// <param name="Kind">The stable name of the kind, such as <c>requestOverdue</c>.</param>
/// <param name="Message">The description.</param>
/// <param name="Position">The position in the log; null if the finding has none.</param>
internal sealed record ReportFinding(string Kind, string Message, long? Position = null);
