using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Answers;

namespace Millrace.AspNetCore;

/// <summary>Dead letters over HTTP: looked at and simulated by operators, decided about where that is allowed.</summary>
internal static class DeadLetterEndpoints
{
    private const int MostBodyBytes = 17 * 1024 * 1024;

    public static void Map(IEndpointRouteBuilder endpoints, MillraceEndpointOptions options, string policy)
    {
        var root = options.Prefix.TrimEnd('/') + "/dead-letters";
        Map(endpoints, HttpMethods.Get, root, policy, List);
        Map(endpoints, HttpMethods.Get, root + "/groups", policy, Groups);
        Map(endpoints, HttpMethods.Get, root + "/{id:long}", policy, Show);
        Map(endpoints, HttpMethods.Post, root + "/simulate", policy, Simulate);
        if (!options.AllowDecisions)
            return;
        Map(endpoints, HttpMethods.Post, root + "/{id:long}/{decision}", policy, Decide);
        Map(endpoints, HttpMethods.Post, root + "/replay", policy, Replay);
    }

    private static void Map(IEndpointRouteBuilder endpoints, string method, string pattern, string policy, RequestDelegate handle) =>
        endpoints.MapMethods(pattern, [method], handle).WithDisplayName($"{method} {pattern}").RequireAuthorization(policy);

    private static Millrace.DeadLetters LettersOf(HttpContext http) => http.RequestServices.GetRequiredService<Millrace.DeadLetters>();

    private static async Task List(HttpContext http)
    {
        var letters = await LettersOf(http).List(DeadLetterRequest.Query(http.Request), http.RequestAborted).ConfigureAwait(false);
        await Write(http, writer => DeadLetterJson.WriteArray(writer, letters, DeadLetterJson.WriteMembers)).ConfigureAwait(false);
    }

    private static async Task Groups(HttpContext http)
    {
        var consumer = http.Request.Query["consumer"].FirstOrDefault();
        var groups = await LettersOf(http).ListGroups(consumer, cancellationToken: http.RequestAborted).ConfigureAwait(false);
        await Write(http, writer => DeadLetterJson.WriteArray(writer, groups, DeadLetterJson.WriteGroup)).ConfigureAwait(false);
    }

    private static async Task Show(HttpContext http)
    {
        var view = await LettersOf(http).Show(IdOf(http), http.RequestAborted).ConfigureAwait(false);
        await Write(http, writer => DeadLetterJson.WriteObject(writer, view, DeadLetterJson.WriteView)).ConfigureAwait(false);
    }

    private static async Task Simulate(HttpContext http)
    {
        var request = await DeadLetterRequest.Read(http, MostBodyBytes).ConfigureAwait(false);
        var query = DeadLetterRequest.Query(http.Request);
        var simulated = await DeadLetterRequest.Try(
            () => LettersOf(http).Simulate(query, request.Fix(), http.RequestAborted)).ConfigureAwait(false);
        await Write(http, writer => DeadLetterJson.WriteObject(writer, simulated, DeadLetterJson.WriteSimulation)).ConfigureAwait(false);
    }

    private static async Task Decide(HttpContext http)
    {
        var request = await DeadLetterRequest.Read(http, MostBodyBytes).ConfigureAwait(false);
        var (letters, id, note, abort) = (LettersOf(http), IdOf(http), request.Note(http), http.RequestAborted);
        var decided = await DeadLetterRequest.Try(() => http.Request.RouteValues["decision"] switch
        {
            "retry" => letters.Retry(id, note, abort),
            "skip" => letters.Skip(id, note, abort),
            "discard" => letters.Discard(id, note, abort),
            "edit" => letters.Edit(id, request.Payload(), note, abort),
            var other => throw new DeadLetterRefusedException(id, $"'{other}' is no decision: retry, skip, discard or edit."),
        }).ConfigureAwait(false);
        await Write(http, writer => DeadLetterJson.WriteObject(writer, decided, DeadLetterJson.WriteMembers)).ConfigureAwait(false);
    }

    private static async Task Replay(HttpContext http)
    {
        var request = await DeadLetterRequest.Read(http, MostBodyBytes).ConfigureAwait(false);
        var query = DeadLetterRequest.Query(http.Request);
        if (query.Consumer is null && query.Cause is null && query.Key is null && query.Stream is null && query.EventType is null)
            throw DeadLetterRequest.Bad("query", "Say which letters: consumer, cause, key, stream or type.");
        var replayed = await DeadLetterRequest.Try(() => LettersOf(http).Replay(
            query, request.Fix(), request.Note(http), request.ReplayOptions(), http.RequestAborted)).ConfigureAwait(false);
        await Write(http, writer => DeadLetterJson.WriteObject(writer, replayed, DeadLetterJson.WriteReplay)).ConfigureAwait(false);
    }

    private static long IdOf(HttpContext http) => long.Parse((string)http.Request.RouteValues["id"]!, CultureInfo.InvariantCulture);

    private static async Task Write(HttpContext http, Action<Utf8JsonWriter> write)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        var writer = new Utf8JsonWriter(http.Response.BodyWriter);
        await using (writer.ConfigureAwait(false))
            write(writer);
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted).ConfigureAwait(false);
    }
}
