using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Millrace.AspNetCore.Access;
using Millrace.AspNetCore.Auditing;
using Millrace.AspNetCore.Binding;

namespace Millrace.AspNetCore;

/// <summary>Handles HTTP requests for one type of command.</summary>
internal sealed class CommandEndpoint<TCommand>(
    CommandDefinition definition, ModelCatalog model, CommandEndpointOptions<TCommand> options)
    where TCommand : notnull
{
    private readonly JsonTypeInfo? _answer =
        definition.ResultType == typeof(Nothing) ? null : MessageReader.JsonOf(definition.ResultType, model);

    public MessageReader Reader { get; } = new(typeof(TCommand), model);

    /// <summary>Gets the status of a successful response.</summary>
    public int Status => options.Location is not null ? 201 : _answer is null ? 204 : 200;

    public async Task Handle(HttpContext http)
    {
        try
        {
            var command = (TCommand)
                await Reader.Read(http, hasBody: !HttpMethods.IsDelete(options.Method)).ConfigureAwait(false);
            if (options.Complete is { } complete)
                command = complete(command, http);
            var bus = http.RequestServices.GetRequiredService<ICommandBus>();
            var result = await definition
                .Send(bus, command, OptionsOf(http), http.RequestAborted)
                .ConfigureAwait(false);
            await Answer(http, command, result).ConfigureAwait(false);
        }
        catch (Exception exception) when (HttpProblem.CanAnswer(http, exception, out var problem))
        {
            await ProblemWriter.Write(http, problem, exception).ConfigureAwait(false);
        }
    }

    private static SendOptions OptionsOf(HttpContext http)
    {
        var user = http.User.Identity?.IsAuthenticated == true ? http.User : null;
        return new SendOptions
        {
            IdempotencyKey = KeyOf(http),
            User = user,
            Origin = RequestOrigin.Of(http),
            Metadata = new EventMetadata { RequestId = Activity.Current?.TraceId.ToString() ?? http.TraceIdentifier },
        };
    }

    /// <summary>Returns the idempotency key, without the quotes that the IETF draft requires around it.</summary>
    private static string? KeyOf(HttpContext http)
    {
        var given = http.Request.Headers[MillraceHeaders.IdempotencyKey];
        if (given.Count > 1)
            throw new BadHttpRequestException(
                $"{MillraceHeaders.IdempotencyKey} is given {given.Count} times, but only one value is allowed.");
        var text = given.ToString();
        if (text.Length == 0)
            return null;
        return text is ['"', .. var key, '"'] ? key : text;
    }

    private async Task Answer(HttpContext http, TCommand command, CommandResult<object?> result)
    {
        var response = http.Response;
        response.StatusCode = Status;
        if (!result.Token.IsNone)
            response.Headers[MillraceHeaders.Token] = result.Token.ToString();
        if (result.Version > 0)
            response.Headers[MillraceHeaders.Version] = result.Version.ToString(CultureInfo.InvariantCulture);
        if (result.WasRepeated)
            response.Headers[MillraceHeaders.Repeated] = "true";
        var value = result.Value;
        JsonNode? filtered;
        try
        {
            filtered = _answer is null
                ? null
                : await FilteredJson.Of(http, value, definition.ResultType).ConfigureAwait(false);
            if (filtered is not null && options.Location is not null)
                value = filtered.Deserialize(_answer!); // Not null: there is an answer.
        }
        catch (Exception exception) when (exception is AccessDeniedException or JsonException)
        {
            response.StatusCode = 204; // The command was handled, but the user may not see its answer.
            return;
        }
        if (options.Location is { } location)
            response.Headers.Location = location(command, value);
        if (_answer is null)
            return;
        if (filtered is not null)
        {
            await FilteredJson.Write(http, filtered).ConfigureAwait(false);
            return;
        }
        response.ContentType = "application/json; charset=utf-8";
        await JsonSerializer
            .SerializeAsync(response.Body, result.Value, _answer, http.RequestAborted)
            .ConfigureAwait(false);
    }
}
