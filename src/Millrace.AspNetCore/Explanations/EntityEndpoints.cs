using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Answers;

namespace Millrace.AspNetCore;

/// <summary>Streams at one position of the log over HTTP, for operators.</summary>
internal static class EntityEndpoints
{
    public static void Map(OperatorRoutes routes) => routes.Look("/at", Show, new(
        "A stream at a position: its state, the documents its events are in, its dead letters; or what differs between two.")
    {
        Query =
        [
            new("stream", typeof(string), "The stream, such as order-42; or the category and the value of a tag of its events."),
            new("when", typeof(string), "A position of the log, or a time; its end without one."),
            new("and", typeof(string), "A later position or time, or now: then what differs is told."),
        ],
    });

    private static async Task Show(HttpContext http)
    {
        var explanations = http.RequestServices.GetRequiredService<Millrace.Explanations>();
        var query = http.Request.Query;
        if (query["stream"].FirstOrDefault() is not { Length: > 0 } name)
            throw OperatorRequest.Bad("stream", "Say which stream: stream=order-42.");
        var named = new StreamId(name);
        var stream = await explanations.FindStream(named, http.RequestAborted).ConfigureAwait(false)
            ?? throw new StreamNotFoundException(named);
        var when = await Position(http, explanations, "when").ConfigureAwait(false);
        if (!query.ContainsKey("and"))
        {
            var view = await explanations.Show(stream, when, http.RequestAborted).ConfigureAwait(false);
            await OperatorAnswer.Write(http, writer => DeadLetterJson.WriteObject(writer, view, EntityJson.WriteMembers))
                .ConfigureAwait(false);
            return;
        }
        var and = await Position(http, explanations, "and").ConfigureAwait(false);
        if (when is null || and < when)
            throw OperatorRequest.Bad("and", "It must be later than 'when', which must be said.");
        var found = await explanations.Compare(stream, when.Value, and, http.RequestAborted).ConfigureAwait(false);
        await OperatorAnswer.Write(http, writer => DeadLetterJson.WriteObject(writer, found, EntityJson.WriteMembers))
            .ConfigureAwait(false);
    }

    /// <summary>A position or a time in the query string; null for the end of the log.</summary>
    private static async ValueTask<long?> Position(HttpContext http, Millrace.Explanations explanations, string name)
    {
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        var text = http.Request.Query[name].FirstOrDefault();
        if (text is null or "now")
            return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
            return position;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, Utc, out var time)
            ? await explanations.PositionAt(time, http.RequestAborted).ConfigureAwait(false)
            : throw OperatorRequest.Bad(name, "It must be a position, or a time such as 2011-12-05T10:22:01Z.");
    }
}
