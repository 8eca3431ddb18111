namespace Millrace;

/// <summary>A report to send.</summary>
/// <param name="Id">The id, which is the same for each attempt.</param>
/// <param name="Subject">The subject, in one line.</param>
/// <param name="Text">The report as plain text.</param>
/// <param name="Html">The report as an HTML page.</param>
public sealed record ReportMessage(string Id, string Subject, string Text, string Html);
