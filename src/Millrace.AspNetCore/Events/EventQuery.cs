using Microsoft.AspNetCore.Http;
using Millrace.AspNetCore.Operators;
using Millrace.Storage;

namespace Millrace.AspNetCore.Events;

/// <summary>A search of the log in the query string of a request.</summary>
/// <param name="Page">The page of the log.</param>
/// <param name="IsWithoutSystem">Whether events of the streams of Millrace itself are left out.</param>
internal sealed record EventQuery(LogPageQuery Page, bool IsWithoutSystem)
{
    private const int DefaultEvents = 50;
    private const char SystemPrefix = '$';

    public static IReadOnlyList<OperatorParameter> Parameters { get; } =
    [
        new("type", typeof(string[]), "Only events of one of these types."),
        new("tag", typeof(string[]), "Only events with all of these tags, such as product:A12."),
        new("stream", typeof(string), "Only events of streams whose names start with this text."),
        new("correlation", typeof(Guid), "Only events with this correlation id."),
        new("source", typeof(string), "Only events that this program appended."),
        new("from", typeof(DateTimeOffset), "Only events recorded at this time or later."),
        new("to", typeof(DateTimeOffset), "Only events recorded before this time."),
        new(
            "withoutSystem",
            typeof(bool),
            "True to leave out the streams of Millrace itself, which start with $. A page can then have fewer events."),
        new("before", typeof(long), "Only events before this position: the 'next' of the previous page."),
        new("after", typeof(long), "Only events after this position, oldest first."),
        new("limit", typeof(int), $"The maximum number of events; from 1 to 200, {DefaultEvents} by default."),
    ];

    /// <summary>Returns whether an event belongs to the answer.</summary>
    public bool Includes(RecordedEvent recorded) =>
        !IsWithoutSystem || !recorded.Stream.Value.StartsWith(SystemPrefix);

    public static EventQuery Read(HttpContext http, int maxEvents)
    {
        var after = OperatorRequest.Number(http, "after", -1, 0, long.MaxValue - 1);
        var before = OperatorRequest.Number(http, "before", -1, 1, long.MaxValue);
        if (after >= 0 && before >= 0)
            throw OperatorRequest.Bad("after", "It cannot be combined with 'before'.");
        var limit = (int)OperatorRequest.Number(http, "limit", DefaultEvents, 1, maxEvents);
        var isBackwards = after < 0;
        // Positions start at 1, so that nothing is before the first one. A page from 0 is empty.
        var from = isBackwards ? (before < 0 ? long.MaxValue : before - 1) : after + 1;
        var page = new LogPageQuery(FilterOf(http), from, isBackwards, limit);
        return new EventQuery(page, OperatorRequest.Flag(http, "withoutSystem"));
    }

    private static EventFilter FilterOf(HttpContext http) => new()
    {
        Types = Texts(http, "type"),
        Tags = [.. Texts(http, "tag").Select(TagOf)],
        StreamPrefix = OperatorRequest.Query(http, "stream") is { Length: > 0 } prefix ? prefix : null,
        Source = OperatorRequest.Query(http, "source") is { Length: > 0 } source ? source : null,
        CorrelationId = OperatorRequest.Query(http, "correlation") is { Length: > 0 } text
            ? Guid.TryParse(text, out var correlation)
                ? correlation
                : throw OperatorRequest.Bad("correlation", "It must be an id, such as the correlationId of an event.")
            : null,
        From = OperatorRequest.QueryTime(http, "from"),
        To = OperatorRequest.QueryTime(http, "to"),
    };

    private static IReadOnlyList<string> Texts(HttpContext http, string name) =>
        [.. http.Request.Query[name].OfType<string>().Where(static text => text.Length > 0)];

    private static Tag TagOf(string text)
    {
        try
        {
            return Tag.Parse(text);
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            throw OperatorRequest.Bad("tag", "It must be a name and a value, such as product:A12.");
        }
    }
}
