using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Millrace.AspNetCore.Access;
using Millrace.AspNetCore.Operators;
using Millrace.Shared.Json;
using Millrace.Storage;

namespace Millrace.AspNetCore.DeadLettering;

/// <summary>
/// The HTTP endpoints that list dead letters, simulate their handling, and, if the application allows it, record
/// decisions about them.
/// </summary>
internal static class DeadLetterEndpoints
{
    private const int MaxBodyBytes = 17 * 1024 * 1024;

    /// <summary>The states of dead letters that are selected if the query contains no states.</summary>
    private static readonly DeadLetterState[] Failed = [DeadLetterState.Parked, DeadLetterState.RetryAt];

    private static readonly OperatorParameter[] SelectionParameters =
    [
        new("consumer", typeof(string), "Only those of one consumer."),
        new("cause", typeof(string), "Only those of one cause, as reported in groups."),
        new("key", typeof(string), "Only those of one key."),
        new("stream", typeof(string), "Only those of one stream."),
        new("type", typeof(string), "Only those of one event type."),
        new("shard", typeof(string), "Only those of one shard."),
        new(
            "state",
            typeof(string[]),
            "Only those in these states: retryAt, parked, waiting, released, skipped, discarded, corrected."),
        new("after", typeof(long), "The id of the last dead letter of the previous page."),
        new("limit", typeof(int), "The maximum number of dead letters; from 1 to 10,000, 100 by default."),
    ];

    public static void Map(OperatorRoutes routes)
    {
        routes.MapRead(
            "/dead-letters",
            List,
            new("Lists dead letters by ascending id.") { ShowsData = true, Query = SelectionParameters });
        routes.MapRead(
            "/dead-letters/groups",
            Groups,
            new("Counts dead letters by consumer and cause, the largest groups first.")
            {
                Query = [new("consumer", typeof(string), "Only those of one consumer.")],
            }
        );
        routes.MapRead(
            "/dead-letters/{id:long}", Show, new(
                "Returns a dead letter with its event, its error and the events that wait for it.")
            {
                ShowsData = true,
            });
        routes.Try(
            "/dead-letters/simulate",
            Simulate,
            new(
                "Simulates the handling of a page of dead letters on copies; nothing is written. 'next' is the 'after' "
                    + "of the next page."
            )
            {
                ShowsData = true,
                Query = SelectionParameters,
            }
        );
        routes.Try(
            "/dead-letters/{id:long}/simulate",
            SimulateOne,
            new(
                "Simulates the handling of a dead letter: unchanged, with a patch, or with the payload of an edit; "
                    + "nothing is written."
            )
            {
                ShowsData = true,
                Conflict = "The event was removed from the log, so it cannot be edited.",
            }
        );
        routes.Decide(
            HttpMethods.Post,
            "/dead-letters/{id:long}/{decision}",
            Decide,
            new("Decides about a dead letter: retry, skip, discard or edit.")
            {
                Conflict = "It waits behind another dead letter, or a final decision was made.",
            }
        );
        routes.Decide(
            HttpMethods.Post,
            "/dead-letters/replay",
            Replay,
            new(
                "Decides about all dead letters that the query selects. With a limit, 'next' is the 'after' of the "
                    + "next page."
            )
            {
                Query =
                [
                    .. SelectionParameters.SkipLast(1),
                    new("limit", typeof(int), "The maximum number of dead letters; from 1 to 10,000, all by default."),
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
        if (!await EndpointAccess.MayReadPersonalData(http).ConfigureAwait(false))
            simulated = new DeadLetterSimulation([.. simulated.DeadLetters.Select(WithoutEdit)]);
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
        var letters = DeadLettersOf(http);
        var id = IdOf(http);
        var abort = http.RequestAborted;
        var simulated = await DeadLetterRequest
            .Try(() =>
                request.HasPayload
                    ? letters.SimulateEdit(id, request.Payload(), abort)
                    : letters.Simulate(id, request.Fix(), abort))
            .ConfigureAwait(false);
        if (!await EndpointAccess.MayReadPersonalData(http).ConfigureAwait(false))
            simulated = WithoutEdit(simulated);
        await OperatorResponse
            .Write(http, writer => DeadLetterJson.WriteObject(writer, simulated, DeadLetterJson.WriteSimulated))
            .ConfigureAwait(false);
    }

    /// <summary>Returns the id after which the next page starts, or null if this page is the last page.</summary>
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
        var letters = DeadLettersOf(http);
        var id = IdOf(http);
        var note = request.Note(http);
        var abort = http.RequestAborted;
        var mayRead = await EndpointAccess.MayReadPersonalData(http).ConfigureAwait(false);
        if (!mayRead && request.HasPayload)
            await RequirePlainEvent(http, letters, id).ConfigureAwait(false);
        var decided = await DeadLetterRequest
            .Try(() =>
                http.Request.RouteValues["decision"] switch
                {
                    "retry" => letters.Retry(id, note, abort),
                    "skip" => letters.Skip(id, note, abort),
                    "discard" => letters.Discard(id, note, abort),
                    "edit" => letters.Edit(id, request.Payload(), note, abort),
                    var other => throw new DeadLetterRefusedException(
                        id, $"'{other}' is not a decision: use retry, skip, discard or edit."),
                }
            )
            .ConfigureAwait(false);
        if (!mayRead)
            decided = decided with { EditedPayload = null };
        await OperatorResponse
            .Write(http, writer => DeadLetterJson.WriteObject(writer, decided, DeadLetterJson.WriteMembers))
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Refuses a whole new payload from a user who may not read the encrypted values of the event, because the payload
    /// would replace them by those that the user sees. A patch keeps them.
    /// </summary>
    private static async Task RequirePlainEvent(HttpContext http, Millrace.DeadLetters letters, long id)
    {
        var view = await letters.Show(id, http.RequestAborted).ConfigureAwait(false);
        if (view.Event?.Metadata.Encryption is not null || view.DeadLetter.EditedPayload is not null)
            throw EndpointAccess.Denied(http, AccessPermission.Operate(OperatorActions.PersonalData));
    }

    private static SimulatedDeadLetter WithoutEdit(SimulatedDeadLetter simulated) =>
        simulated with { DeadLetter = simulated.DeadLetter with { EditedPayload = null } };

    private static async Task Replay(HttpContext http)
    {
        var request = await DeadLetterRequest.Read(http, MaxBodyBytes).ConfigureAwait(false);
        var query = DeadLetterRequest.Query(http);
        if (query.Consumer is null
            && query.Cause is null
            && query.Key is null
            && query.Stream is null
            && query.EventType is null)
            throw DeadLetterRequest.Bad("query", "Select dead letters by consumer, cause, key, stream or type.");
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
            // The dead letters are released. They are handled as soon as a node runs their consumer.
            await ProblemWriter
                .Write(http, new HttpProblem(503, "no-outcome", exception.Message))
                .ConfigureAwait(false);
            return;
        }
        var isPage = http.Request.Query.ContainsKey("limit") && replayed.Decided + replayed.Conflicted == query.Limit;
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
