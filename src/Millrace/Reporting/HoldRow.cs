namespace Millrace.Reporting;

/// <summary>A legal hold on a data subject that is active when the report is created.</summary>
internal sealed record HoldRow(string Subject, string Reason, string By, DateTimeOffset Since, DateTimeOffset? Until);
