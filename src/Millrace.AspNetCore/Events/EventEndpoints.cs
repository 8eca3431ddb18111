using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Millrace.AspNetCore.Access;
using Millrace.AspNetCore.Operators;
using Millrace.AspNetCore.Streams;
using Millrace.Shared.Json;
using Millrace.Storage;

namespace Millrace.AspNetCore.Events;

/// <summary>Maps the HTTP endpoints that search the log: summaries of events, one event, and names.</summary>
/// <remarks>With access control, an event or stream is shown only to a user who may read its stream.</remarks>
internal static class EventEndpoints
{
    private const int MaxEvents = 200;
    private const int MaxNames = 1_000;
    private const int MaxScans = 8; // Of pages whose events the answer leaves out.

    public static void Map(OperatorRoutes routes)
    {
        routes.MapRead(
            "/events",
            List,
            new("Lists summaries of the events that match a filter, newest first; after a position, oldest first.")
            {
                ShowsData = true,
                Query = EventQuery.Parameters,
                Answer = typeof(EventsView),
            });
        routes.MapRead(
            "/events/{id}",
            Show,
            new("Returns an event by its position or its id, as it is stored.")
            {
                ShowsData = true,
                Answer = typeof(StoredEventView),
            });
        routes.MapRead(
            "/event-types",
            ListTypes,
            new("Lists the names of the event types of the model, in ordinal order.")
            {
                Answer = typeof(IReadOnlyList<string>),
            });
        routes.MapRead(
            "/stream-names",
            ListStreams,
            new("Lists the streams whose names start with a prefix, in the order of their names.")
            {
                ShowsData = true,
                Answer = typeof(StreamNamesView),
                Query =
                [
                    new("prefix", typeof(string), "The prefix of the names; empty by default."),
                    new("limit", typeof(int), $"The maximum number of streams; from 1 to {MaxNames}, 100 by default."),
                ],
            });
    }

    private static EventStore StoreOf(HttpContext http) => http.RequestServices.GetRequiredService<EventStore>();

    private static async Task List(HttpContext http)
    {
        var query = EventQuery.Read(http, MaxEvents);
        var store = StoreOf(http);
        var head = await LogEnd.Read(store, http.RequestAborted).ConfigureAwait(false);
        var access = new StreamAccess(http);
        var found = new FoundEvents(head);
        var page = query.Page;
        for (var scans = 0; scans < MaxScans && found.Events.Count < query.Page.Limit; scans++)
        {
            var read = await store
                .ReadPage(page with { Limit = page.Limit - found.Events.Count }, http.RequestAborted)
                .ConfigureAwait(false);
            await found.Add(read, query, access).ConfigureAwait(false);
            if (read.IsEnd)
                break;
            page = page with { From = read.Next };
        }
        await OperatorResponse
            .Write(http, writer => EventSummaryJson.WritePage(writer, found))
            .ConfigureAwait(false);
    }

    private static async Task Show(HttpContext http)
    {
        var id = OperatorRequest.Name(http, "id");
        if (await Find(http, id).ConfigureAwait(false) is not { } recorded)
        {
            await ProblemWriter
                .Write(http, new HttpProblem(404, "not-found", $"There is no event '{id}'."))
                .ConfigureAwait(false);
            return;
        }
        await EndpointAccess.Demand(http, AccessPermission.Read(recorded.Stream)).ConfigureAwait(false);
        await OperatorResponse
            .Write(http, writer => RecordedEventJson.WriteObject(writer, recorded))
            .ConfigureAwait(false);
    }

    private static async ValueTask<RecordedEvent?> Find(HttpContext http, string id)
    {
        var store = StoreOf(http);
        if (Guid.TryParse(id, out var guid))
            return await store.Find(guid, http.RequestAborted).ConfigureAwait(false);
        if (!long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var position) || position < 1)
            throw OperatorRequest.Bad("id", "It must be a position, such as 812, or the id of an event.");
        var query = new LogPageQuery(EventFilter.All, position, IsBackwards: false, Limit: 1);
        var page = await store.ReadPage(query, http.RequestAborted).ConfigureAwait(false);
        return page.Events is [var recorded, ..] && recorded.Position == position ? recorded : null;
    }

    private static Task ListTypes(HttpContext http)
    {
        var names = StoreOf(http)
            .Types.Types.Select(static type => type.Name)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal);
        return OperatorResponse.Write(http, [.. names], OperatorJson.Default.IReadOnlyListString);
    }

    private static async Task ListStreams(HttpContext http)
    {
        var prefix = OperatorRequest.Query(http, "prefix") ?? "";
        var limit = (int)OperatorRequest.Number(http, "limit", 100, 1, MaxNames);
        var access = new StreamAccess(http);
        var names = new List<StreamNameView>();
        var isComplete = true;
        var scanned = 0;
        await foreach (var info in StoreOf(http).ListStreams(prefix, http.RequestAborted).ConfigureAwait(false))
        {
            if (names.Count == limit || scanned++ == MaxNames)
            {
                isComplete = false;
                break;
            }
            if (await access.MayRead(info.Stream).ConfigureAwait(false))
                names.Add(StreamNameView.Of(info));
        }
        await OperatorResponse
            .Write(http, new StreamNamesView(names, isComplete), OperatorJson.Default.StreamNamesView)
            .ConfigureAwait(false);
    }
}
