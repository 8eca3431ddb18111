using System.ComponentModel;
using System.Text.Json.Nodes;

namespace Millrace.AspNetCore;

/// <summary>A stream as operators see it: described here, and written by <see cref="StreamEndpoints"/> as it is
/// stored.</summary>
[Description("A stream with a page of its events.")]
internal sealed record StreamView(
    [property: Description("Its name.")] string Stream,
    [property: Description("The version of its last event.")] long Version,
    [property: Description("The version of the first event that is still there.")] long FirstVersion,
    [property: Description("open, deleted or closed.")] string State,
    [property: Description("Where the next page begins; absent on the last.")] long? Next,
    [property: Description("The events.")] IReadOnlyList<StoredEventView> Events);

/// <summary>An event as it is stored.</summary>
[Description("An event as it is stored.")]
internal sealed record StoredEventView(
    [property: Description("Its place in the log.")] long Position,
    [property: Description("Its stream.")] string Stream,
    [property: Description("Its place in the stream.")] long Version,
    [property: Description("The stored name of its type.")] string Type,
    [property: Description("Which shape of the type was stored.")] int SchemaVersion,
    [property: Description("Its id.")] Guid Id,
    [property: Description("When it was recorded.")] DateTimeOffset Timestamp,
    [property: Description("The media type of the payload.")] string ContentType,
    [property: Description("The program that appended it.")] string? Source,
    [property: Description("The same through one conversation.")] Guid? CorrelationId,
    [property: Description("What directly caused it.")] Guid? CausationId,
    [property: Description("Its tags.")] IReadOnlyList<string>? Tags,
    [property: Description("What is known beyond the payload.")] JsonObject? Metadata,
    [property: Description("The payload, where it is JSON.")] JsonObject? Data,
    [property: Description("The payload in base 64, where it is not.")] string? DataBase64);
