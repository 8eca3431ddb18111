using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Millrace.AspNetCore.Binding;
using Millrace.AspNetCore.Operators;
using Millrace.Shared.Json;

namespace Millrace.AspNetCore.Explaining;

/// <summary>The HTTP endpoints that show operators which events produced a value.</summary>
internal static class ExplanationEndpoints
{
    private static readonly OperatorParameter Member = new(
        "member", typeof(string), "The member, such as lines[2].price; all members by default.");
    private static readonly OperatorParameter MaxChanges = new(
        "most", typeof(int), "The maximum number of changes; from 0 to 10,000, 20 by default.");
    private static readonly OperatorParameter Until = new(
        "until", typeof(string), "The position or time up to which events are considered; now by default.");

    private static readonly OperatorParameter ContinueBefore = new(
        "goOn", typeof(string), "The 'continuation' of an earlier answer, to continue a search for the same value.");

    private static readonly OperatorParameter Shard = new(
        "shard", typeof(string), "The shard whose part of a document is explained; all shards by default.");

    public static void Map(OperatorRoutes routes)
    {
        routes.MapRead("/why", Path, new("Explains a value by the events that changed it, newest first.")
        {
            ShowsData = true,
            Query =
            [
                new("path", typeof(string), "The value to explain: daily-sales/2011-12-05.total, or order-42.status."),
                new("stream", typeof(string), "Instead of a path: the stream of an aggregate or a decider."),
                new("readModel", typeof(string), "Instead of a path: a read model."),
                new("key", typeof(string), "With readModel: the key of a document, any text."),
                Member, MaxChanges, Until, SearchTimeoutParameter.Parameter, ContinueBefore, Shard,
            ],
        });
        routes.MapRead("/why/{readModel}/{**key}", Document, new("Explains a member of a document.")
        {
            ShowsData = true,
            Query = [Member, MaxChanges, Until, SearchTimeoutParameter.Parameter, ContinueBefore, Shard],
        });
    }

    private static Task Path(HttpContext http)
    {
        var options = Options(http);
        if (OperatorRequest.Query(http, "stream") is { Length: > 0 } stream)
        {
            return Answer(http, explanations => explanations.ExplainAggregate(
                new StreamId(stream), OperatorRequest.Query(http, "member"), options, http.RequestAborted));
        }
        if (OperatorRequest.Query(http, "readModel") is { Length: > 0 } readModel)
            return Document(http, readModel, OperatorRequest.Query(http, "key"));
        if (OperatorRequest.Query(http, "path") is { Length: > 0 } path)
            return Answer(http, explanations => explanations.Explain(path, options, http.RequestAborted));
        throw OperatorRequest.Bad(
            "path", "Name the value to explain: path=daily-sales/2011-12-05.total, or stream=order-42&member=status.");
    }

    private static Task Document(HttpContext http) =>
        Document(http, OperatorRequest.Name(http, "readModel"), RouteValueReader.Of(http, "key"));

    private static Task Document(HttpContext http, string readModel, string? key)
    {
        if (key is not { Length: > 0 })
            throw OperatorRequest.Bad(
                "key", "Name a document: /why/daily-sales/2011-12-05, or readModel=daily-sales&key=2011-12-05.");
        var member = OperatorRequest.Query(http, "member");
        var options = Options(http);
        return Answer(
            http, explanations => explanations.ExplainDocument(readModel, key, member, options, http.RequestAborted));
    }

    private static async Task Answer(HttpContext http, Func<Millrace.Explanations, Task<Explanation>> explain)
    {
        var found = await explain(http.RequestServices.GetRequiredService<Millrace.Explanations>())
            .ConfigureAwait(false);
        await OperatorResponse
            .Write(http, writer => DeadLetterJson.WriteObject(writer, found, ExplanationJson.WriteMembers))
            .ConfigureAwait(false);
    }

    private static ExplanationOptions Options(HttpContext http) => new()
    {
        Most = (int)OperatorRequest.Number(http, "most", 20, 0, 10_000),
        Moment = OperatorHistoryPoint.Of(http, "until"),
        TimeLimit = SearchTimeoutParameter.Of(http),
        Shard = OperatorRequest.Query(http, "shard") is { Length: > 0 } shard ? shard : null,
        Continuation = OperatorRequest.Query(http, "goOn") is { Length: > 0 } point ? point : null,
    };
}
