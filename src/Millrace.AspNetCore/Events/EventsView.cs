using System.ComponentModel;

namespace Millrace.AspNetCore.Events;

/// <summary>
/// A page of a search, for operators. This type only describes the response in the API description.
/// <see cref="EventSummaryJson"/> writes the response.
/// </summary>
[Description("A page of a search of the log.")]
internal sealed record EventsView(
    [property: Description("The last position of the log.")] long Head,
    [property: Description("The 'before' or 'after' of the next page; absent on the last page.")] long? Next,
    [property: Description("The number of events of the page that the caller may not read.")] int Hidden,
    [property: Description("The events.")] IReadOnlyList<EventSummaryView> Events);

/// <summary>A summary of an event.</summary>
[Description("A summary of an event.")]
internal sealed record EventSummaryView(
    [property: Description("The position in the log.")] long Position,
    [property: Description("The stream.")] string Stream,
    [property: Description("The version in the stream.")] long Version,
    [property: Description("The stable name of the event type.")] string Type,
    [property: Description("The event id.")] Guid Id,
    [property: Description("The time at which it was recorded.")] DateTimeOffset Timestamp,
    [property: Description("The program that appended it.")] string? Source,
    [property: Description("The correlation id.")] Guid? CorrelationId,
    [property: Description("The causation id.")] Guid? CausationId,
    [property: Description("The length of the payload in bytes.")] int DataBytes,
    [property: Description("The first 240 bytes of the payload, if it is JSON.")] string? Preview);
