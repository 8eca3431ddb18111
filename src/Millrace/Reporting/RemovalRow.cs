namespace Millrace.Reporting;

/// <summary>A removal of events from a stream of a report.</summary>
internal sealed record RemovalRow(
    DateTimeOffset Time, string Stream, string Kind, long FromVersion, long ToVersion, long Events, string? User,
    string Reason);
