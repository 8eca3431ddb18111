namespace Millrace.AspNetCore.Retention;

/// <summary>The number of removed events in a response.</summary>
internal sealed record DeletedEventsView(long Events);
