using System.ComponentModel;
using System.Text.Json.Nodes;

namespace Millrace.AspNetCore.Streams;

/// <summary>
/// A stream, for operators. This type only describes the response in the API description.
/// <see cref="StreamEndpoints"/> writes the response, and copies the stored JSON into it.
/// </summary>
[Description("A stream with a page of its events.")]
internal sealed record StreamView(
    [property: Description("The name of the stream.")] string Stream,
    [property: Description("The version of its last event.")] long Version,
    [property: Description("The version of the first event that was not removed.")] long FirstVersion,
    [property: Description("open, deleted or closed.")] string State,
    [property: Description("The start of the next page; absent on the last page.")] long? Next,
    [property: Description("The events.")] IReadOnlyList<StoredEventView> Events);

/// <summary>An event as it is stored.</summary>
[Description("An event as it is stored.")]
internal sealed record StoredEventView(
    [property: Description("The position in the log.")] long Position,
    [property: Description("The stream.")] string Stream,
    [property: Description("The version in the stream.")] long Version,
    [property: Description("The stable name of the event type.")] string Type,
    [property: Description("The version of the schema in which the event was stored.")] int SchemaVersion,
    [property: Description("The event id.")] Guid Id,
    [property: Description("The time at which it was recorded.")] DateTimeOffset Timestamp,
    [property: Description("The media type of the payload.")] string ContentType,
    [property: Description("The program that appended it.")] string? Source,
    [property: Description("The correlation id, shared by one conversation.")] Guid? CorrelationId,
    [property: Description("The causation id: the id of the direct cause.")] Guid? CausationId,
    [property: Description("The tags.")] IReadOnlyList<string>? Tags,
    [property: Description("The metadata.")] JsonObject? Metadata,
    [property: Description("The payload, if it is JSON.")] JsonObject? Data,
    [property: Description("The payload in base 64, if it is not JSON.")] string? DataBase64);
