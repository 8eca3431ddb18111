namespace Millrace;

/// <summary>Thrown when a report about business figures cannot be sent.</summary>
/// <param name="message">The reason.</param>
public sealed class KpiReportNotSentException(string message) : MillraceException(message);
