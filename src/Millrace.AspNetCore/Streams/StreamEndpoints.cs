using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Millrace.AspNetCore.Access;
using Millrace.AspNetCore.Binding;
using Millrace.AspNetCore.Operators;
using Millrace.Shared.Json;
using Millrace.Storage;

namespace Millrace.AspNetCore.Streams;

/// <summary>Maps the HTTP endpoints that return the events of a stream in pages.</summary>
internal static class StreamEndpoints
{
    private const int MaxEvents = 1_000;
    private const int DefaultEvents = 100;

    private static readonly OperatorParameter[] Page =
    [
        new(
            "from",
            typeof(long),
            "The version to start from; by default the first version, or the last one if backwards is true."),
        new("limit", typeof(int), $"The maximum number of events; from 1 to {MaxEvents}, {DefaultEvents} by default."),
        new("backwards", typeof(bool), "True to return the newest events first; false by default."),
    ];

    public static void Map(OperatorRoutes routes)
    {
        routes.MapRead(
            "/streams",
            Show,
            new("Returns a page of the stored events of the stream in the query string.")
            {
                ShowsData = true,
                Query =
                [
                    new("stream", typeof(string),
                        "The name of the stream. Any name is allowed, also . and .., which a URL path cannot contain."),
                    .. Page,
                ],
                Answer = typeof(StreamView),
            }
        );
        routes.MapRead(
            "/streams/{**stream}",
            Show,
            new("Returns a page of the stored events of a stream.")
            {
                ShowsData = true,
                Query = Page,
                Answer = typeof(StreamView),
            }
        );
    }

    private static async Task Show(HttpContext http)
    {
        var store = http.RequestServices.GetRequiredService<EventStore>();
        var abort = http.RequestAborted;
        var stream = NameOf(http);
        await EndpointAccess.Demand(http, AccessPermission.Read(stream)).ConfigureAwait(false);
        var isBackwards = OperatorRequest.Flag(http, "backwards");
        var from = OperatorRequest.Number(http, "from", isBackwards ? long.MaxValue : 1, 1, long.MaxValue);
        var limit = (int)OperatorRequest.Number(http, "limit", DefaultEvents, 1, MaxEvents);
        var info =
            await store.GetStream(stream, abort).ConfigureAwait(false) ?? throw new StreamNotFoundException(stream);
        var page = await store
            .ReadPage(new StreamPageQuery(stream, from, isBackwards, limit), abort)
            .ConfigureAwait(false);
        await OperatorResponse.Write(http, writer => Write(writer, info, page)).ConfigureAwait(false);
    }

    private static StreamId NameOf(HttpContext http) =>
        (RouteValueReader.Of(http, "stream") ?? OperatorRequest.Query(http, "stream")) is { Length: > 0 } name
            ? new StreamId(name)
            : throw OperatorRequest.Bad("stream", "Specify the stream: /streams/order-42 or ?stream=order-42.");

    private static void Write(Utf8JsonWriter writer, StreamInfo info, EventPage page)
    {
        writer.WriteStartObject();
        writer.WriteString("stream"u8, info.Stream.Value);
        writer.WriteNumber("version"u8, info.Version);
        writer.WriteNumber("firstVersion"u8, info.FirstVersion);
        writer.WriteString("state"u8, JsonNamingPolicy.CamelCase.ConvertName(info.State.ToString()));
        if (!page.IsEnd)
            writer.WriteNumber("next"u8, page.Next);
        writer.WriteStartArray("events"u8);
        foreach (var recorded in page.Events)
            RecordedEventJson.WriteObject(writer, recorded);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
