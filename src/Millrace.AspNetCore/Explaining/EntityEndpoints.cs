using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Millrace.AspNetCore.Operators;
using Millrace.Shared.Json;

namespace Millrace.AspNetCore.Explaining;

/// <summary>The HTTP endpoint that shows operators the state of a stream at a position of the log.</summary>
internal static class EntityEndpoints
{
    public static void Map(OperatorRoutes routes) =>
        routes.MapRead(
            "/at",
            Show,
            new(
                "Returns the state of a stream at a position, the documents that contain its events, and its dead "
                    + "letters. With 'and', returns the differences between two positions."
            )
            {
                ShowsData = true,
                Query =
                [
                    new(
                        "stream",
                        typeof(string),
                        "The stream, such as order-42; or the category and the value of a tag of its events."),
                    new("when", typeof(string), "A position of the log, or a time; now by default."),
                    new("and", typeof(string), "A later position or time, or now; the answer is then the differences."),
                    SearchTimeoutParameter.Parameter,
                ],
            }
        );

    private static async Task Show(HttpContext http)
    {
        var explanations = http.RequestServices.GetRequiredService<Millrace.Explanations>();
        if (OperatorRequest.Query(http, "stream") is not { Length: > 0 } name)
            throw OperatorRequest.Bad("stream", "It is missing: name a stream, such as stream=order-42.");
        var named = new StreamId(name);
        var stream = await explanations.FindStream(named, http.RequestAborted).ConfigureAwait(false)
            ?? throw new StreamNotFoundException(named);
        var when = OperatorHistoryPoint.Of(http, "when");
        if (!http.Request.Query.ContainsKey("and"))
        {
            var view = await explanations
                .Show(stream, when, SearchTimeoutParameter.Of(http), http.RequestAborted)
                .ConfigureAwait(false);
            await OperatorResponse
                .Write(http, writer => DeadLetterJson.WriteObject(writer, view, EntityJson.WriteMembers))
                .ConfigureAwait(false);
            return;
        }
        var and = OperatorHistoryPoint.Of(http, "and");
        if (when == HistoryMoment.Now || !await IsLater(http, explanations, when, and).ConfigureAwait(false))
            throw OperatorRequest.Bad("and", "It must be later than 'when'. If you use 'and', 'when' is required.");
        var found = await explanations.Compare(stream, when, and, SearchTimeoutParameter.Of(http), http.RequestAborted)
            .ConfigureAwait(false);
        await OperatorResponse.Write(http, writer => DeadLetterJson.WriteObject(writer, found, EntityJson.WriteMembers))
            .ConfigureAwait(false);
    }

    private static async ValueTask<bool> IsLater(
        HttpContext http, Millrace.Explanations explanations, HistoryMoment first, HistoryMoment second)
    {
        if (second == HistoryMoment.Now)
            return true;
        if (first.Time is { } from && second.Time is { } to)
            return from <= to;
        var positions = (
            First: await PositionOf(http, explanations, first).ConfigureAwait(false),
            Second: await PositionOf(http, explanations, second).ConfigureAwait(false));
        return positions.First <= positions.Second;
    }

    private static ValueTask<long> PositionOf(
        HttpContext http, Millrace.Explanations explanations, HistoryMoment moment) =>
        moment.Time is { } time
            ? explanations.PositionAt(time, http.RequestAborted)
            : new(moment.Position ?? long.MaxValue);
}
