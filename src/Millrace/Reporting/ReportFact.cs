namespace Millrace.Reporting;

/// <summary>A value in the summary of a report.</summary>
/// <param name="Name">The name in JSON.</param>
/// <param name="Title">The title on the page.</param>
/// <param name="Value">The value: a text, a number or a truth value; null if it does not apply.</param>
internal readonly record struct ReportFact(string Name, string Title, object? Value);
