using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Answers;
using Millrace.Storage;

namespace Millrace.AspNetCore;

/// <summary>Dead letters over HTTP: looked at and simulated by operators, decided about where that is
/// allowed.</summary>
internal static class DeadLetterEndpoints
{
    private const int MaxBodyBytes = 17 * 1024 * 1024;

    /// <summary>Which letters are tried and decided about unless the query says otherwise.</summary>
    private static readonly DeadLetterState[] Failed = [DeadLetterState.Parked, DeadLetterState.RetryAt];

    private static readonly OperatorParameter[] Which =
    [
        new("consumer", typeof(string), "Of one consumer."),
        new("cause", typeof(string), "Of one cause, as groups tell it."),
        new("key", typeof(string), "Of one key."),
        new("stream", typeof(string), "Of one stream."),
        new("type", typeof(string), "Of one type of event."),
        new(
            "state",
            typeof(string[]),
            "In these states: retryAt, parked, waiting, released, skipped, discarded, corrected."),
        new("after", typeof(long), "Behind a letter, for the next page."),
        new("limit", typeof(int), "The most letters; from 1 to 10,000, 100 by default."),
    ];

    public static void Map(OperatorRoutes routes)
    {
        routes.MapRead(
            "/dead-letters", List, new("Lists dead letters, in the order of their numbers.") { Query = Which });
        routes.MapRead(
            "/dead-letters/groups",
            Groups,
            new("What failed, by consumer and cause; the largest groups first.")
            {
                Query = [new("consumer", typeof(string), "Of one consumer.")],
            }
        );
        routes.MapRead(
            "/dead-letters/{id:long}", Show, new("A letter with its event, its error and what waits behind it."));
        routes.Try(
            "/dead-letters/simulate",
            Simulate,
            new(
                "Says what would become of a page of letters, on copies: nothing is written. 'next' is the 'after' of "
                    + "the next page."
            )
            {
                Query = Which,
            }
        );
        routes.Try(
            "/dead-letters/{id:long}/simulate",
            SimulateOne,
            new(
                "Says what would become of a letter, as it is, patched, or with the payload that an edit would store: "
                    + "nothing is written."
            )
            {
                Conflict = "Its event was removed from the log, so that nothing can be edited.",
            }
        );
        routes.Decide(
            HttpMethods.Post,
            "/dead-letters/{id:long}/{decision}",
            Decide,
            new("Decides about a letter: retry, skip, discard or edit.")
            {
                Conflict = "It cannot be decided about: it waits behind another, or was decided about for good.",
            }
        );
        routes.Decide(
            HttpMethods.Post,
            "/dead-letters/replay",
            Replay,
            new("Decides about the letters that match. With a limit 'next' is the 'after' of the next page.")
            {
                Query =
                [
                    .. Which.SkipLast(1),
                    new("limit", typeof(int), "The most letters; from 1 to 10,000, all by default."),
                ],
            }
        );
    }

    private static Millrace.DeadLetters DeadLettersOf(HttpContext http) =>
        http.RequestServices.GetRequiredService<Millrace.DeadLetters>();

    private static async Task List(HttpContext http)
    {
        var letters = await DeadLettersOf(http)
            .List(DeadLetterRequest.Query(http), http.RequestAborted)
            .ConfigureAwait(false);
        await OperatorResponse
            .Write(http, writer => DeadLetterJson.WriteArray(writer, letters, DeadLetterJson.WriteMembers))
            .ConfigureAwait(false);
    }

    private static async Task Groups(HttpContext http)
    {
        var consumer = OperatorRequest.Query(http, "consumer");
        var groups = await DeadLettersOf(http)
            .ListGroups(consumer, cancellationToken: http.RequestAborted)
            .ConfigureAwait(false);
        await OperatorResponse
            .Write(http, writer => DeadLetterJson.WriteArray(writer, groups, DeadLetterJson.WriteGroup))
            .ConfigureAwait(false);
    }

    private static async Task Show(HttpContext http)
    {
        var view = await DeadLettersOf(http).Show(IdOf(http), http.RequestAborted).ConfigureAwait(false);
        await OperatorResponse.Write(http, writer => DeadLetterJson.WriteObject(writer, view, DeadLetterJson.WriteView))
            .ConfigureAwait(false);
    }

    private static async Task Simulate(HttpContext http)
    {
        var request = await DeadLetterRequest.Read(http, MaxBodyBytes).ConfigureAwait(false);
        var query = DeadLetterRequest.Query(http);
        var simulated = await DeadLetterRequest.Try(
            () => DeadLettersOf(http).Simulate(query, request.Fix(), http.RequestAborted)).ConfigureAwait(false);
        var isPage = simulated.DeadLetters.Count == query.Limit;
        var next = isPage
            ? await NextOf(http, query, simulated.DeadLetters[^1].DeadLetter.Id).ConfigureAwait(false)
            : null;
        await OperatorResponse
            .Write(
                http,
                writer =>
                    DeadLetterJson.WriteObject(
                        writer,
                        simulated,
                        (to, found) =>
                        {
                            DeadLetterJson.WriteSimulation(to, found);
                            WriteNext(to, next);
                        }
                    )
            )
            .ConfigureAwait(false);
    }

    private static async Task SimulateOne(HttpContext http)
    {
        var request = await DeadLetterRequest.Read(http, MaxBodyBytes).ConfigureAwait(false);
        var (letters, id, abort) = (DeadLettersOf(http), IdOf(http), http.RequestAborted);
        var simulated = await DeadLetterRequest
            .Try(() =>
                request.HasPayload
                    ? letters.SimulateEdit(id, request.Payload(), abort)
                    : letters.Simulate(id, request.Fix(), abort))
            .ConfigureAwait(false);
        await OperatorResponse
            .Write(http, writer => DeadLetterJson.WriteObject(writer, simulated, DeadLetterJson.WriteSimulated))
            .ConfigureAwait(false);
    }

    /// <summary>Behind which letter the next page begins; null when nothing lies there.</summary>
    private static async Task<long?> NextOf(HttpContext http, DeadLetterQuery query, long last)
    {
        var behind = query with
        {
            After = last,
            Limit = 1,
            IsBrief = true,
            States = query.States.Count > 0 ? query.States : Failed,
        };
        return (await DeadLettersOf(http).List(behind, http.RequestAborted).ConfigureAwait(false)).Count > 0
            ? last
            : null;
    }

    private static void WriteNext(Utf8JsonWriter writer, long? next)
    {
        if (next is { } after)
            writer.WriteNumber("next"u8, after);
    }

    private static async Task Decide(HttpContext http)
    {
        var request = await DeadLetterRequest.Read(http, MaxBodyBytes).ConfigureAwait(false);
        var (letters, id, note, abort) = (DeadLettersOf(http), IdOf(http), request.Note(http), http.RequestAborted);
        var decided = await DeadLetterRequest
            .Try(() =>
                http.Request.RouteValues["decision"] switch
                {
                    "retry" => letters.Retry(id, note, abort),
                    "skip" => letters.Skip(id, note, abort),
                    "discard" => letters.Discard(id, note, abort),
                    "edit" => letters.Edit(id, request.Payload(), note, abort),
                    var other => throw new DeadLetterRefusedException(
                        id, $"'{other}' is no decision: retry, skip, discard or edit."),
                }
            )
            .ConfigureAwait(false);
        await OperatorResponse
            .Write(http, writer => DeadLetterJson.WriteObject(writer, decided, DeadLetterJson.WriteMembers))
            .ConfigureAwait(false);
    }

    private static async Task Replay(HttpContext http)
    {
        var request = await DeadLetterRequest.Read(http, MaxBodyBytes).ConfigureAwait(false);
        var query = DeadLetterRequest.Query(http);
        if (query.Consumer is null
            && query.Cause is null
            && query.Key is null
            && query.Stream is null
            && query.EventType is null)
            throw DeadLetterRequest.Bad("query", "Say which letters: consumer, cause, key, stream or type.");
        DeadLetterReplay replayed;
        try
        {
            replayed = await DeadLetterRequest
                .Try(() =>
                    DeadLettersOf(http)
                        .Replay(
                            query, request.Fix(), request.Note(http), request.ReplayOptions(http), http.RequestAborted))
                .ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            // They are released, and are handled as soon as somebody runs their consumer.
            await ProblemWriter
                .Write(http, new HttpProblem(503, "no-outcome", exception.Message))
                .ConfigureAwait(false);
            return;
        }
        var isPage = http.Request.Query.ContainsKey("limit") && replayed.Released + replayed.Missed == query.Limit;
        var next = isPage ? await NextOf(http, query, replayed.Last).ConfigureAwait(false) : null;
        await OperatorResponse.Write(http, writer => DeadLetterJson.WriteObject(writer, replayed, (to, done) =>
        {
            DeadLetterJson.WriteReplay(to, done);
            WriteNext(to, next);
        })).ConfigureAwait(false);
    }

    private static long IdOf(HttpContext http) =>
        long.Parse((string)http.Request.RouteValues["id"]!, CultureInfo.InvariantCulture);
}
