using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Millrace.AspNetCore.Binding;
using Millrace.AspNetCore.Operators;
using Millrace.Storage;

namespace Millrace.AspNetCore.DeadLettering;

/// <summary>
/// A request of an operator. Its query string selects dead letters, and its body contains the decision.
/// </summary>
internal sealed class DeadLetterRequest
{
    private readonly JsonObject _body;

    private DeadLetterRequest(JsonObject body) => _body = body;

    /// <summary>Reads the body, which can be empty.</summary>
    public static async Task<DeadLetterRequest> Read(HttpContext http, int maxBytes) =>
        new(await JsonBody.Read(http, maxBytes).ConfigureAwait(false));

    /// <summary>Returns the query that the query string describes.</summary>
    public static DeadLetterQuery Query(HttpContext http) => new()
    {
        Consumer = OperatorRequest.Query(http, "consumer"),
        Cause = OperatorRequest.Query(http, "cause"),
        Key = OperatorRequest.Query(http, "key"),
        Stream = OperatorRequest.Query(http, "stream") is { Length: > 0 } stream ? new StreamId(stream) : null,
        EventType = OperatorRequest.Query(http, "type"),
        Shard = OperatorRequest.Query(http, "shard"),
        States = [.. http.Request.Query["state"].Select(StateOf)],
        After = OperatorRequest.Number(http, "after", 0, 0, long.MaxValue),
        Limit = (int)OperatorRequest.Number(http, "limit", 100, 1, 10_000),
    };

    /// <summary>Returns the name of the operator, which is the identity of the caller, and the reason.</summary>
    public DeadLetterNote Note(HttpContext http)
    {
        return new DeadLetterNote(OperatorRequest.Caller(http), Text("reason"));
    }

    /// <summary>Returns the action that the members <c>decision</c> and <c>patch</c> of the body describe.</summary>
    public DeadLetterAction Fix()
    {
        var decision = Text("decision");
        if (_body["patch"] is { } patch)
        {
            return decision is null or "retry"
                ? DeadLetterAction.Patch(Bytes(patch))
                : throw Bad("decision", "With a patch, it must be retry.");
        }
        return decision switch
        {
            null or "retry" => DeadLetterAction.Retry,
            "skip" => DeadLetterAction.Skip,
            "discard" => DeadLetterAction.Discard,
            _ => throw Bad("decision", "It must be retry, skip or discard."),
        };
    }

    /// <summary>Gets whether the request has a payload that replaces the stored payload.</summary>
    /// <exception cref="MalformedMessageException">The request also has a patch.</exception>
    public bool HasPayload => _body.ContainsKey("payload")
        && (!_body.ContainsKey("patch") ? true : throw Bad("patch", "Give a payload or a patch, not both."));

    /// <summary>Returns the payload that replaces the stored payload.</summary>
    public ReadOnlyMemory<byte> Payload() =>
        _body["payload"] is { } payload ? Bytes(payload) : throw Bad("payload", "It is missing.");

    /// <summary>
    /// Returns the options of a replay, such as its rate. By default, all matching dead letters are replayed.
    /// </summary>
    public DeadLetterReplayOptions ReplayOptions(HttpContext http)
    {
        var options = new DeadLetterReplayOptions
        {
            MaxPerSecond = Number("maxPerSecond"),
            StopAtErrorShare = Number("stopAtErrorShare"),
        };
        if (Number("outcomeSeconds") is { } seconds)
        {
            options = options with
            {
                OutcomeTimeout = seconds is >= 1 and <= 3_600
                    ? TimeSpan.FromSeconds(seconds)
                    : throw Bad("outcomeSeconds", "It must be from 1 to 3,600."),
            };
        }
        return http.Request.Query.ContainsKey("limit") ? options with { Limit = Query(http).Limit } : options;
    }

    /// <summary>Runs a call, and converts an <see cref="ArgumentException"/> to an error of the request.</summary>
    public static async Task<T> Try<T>(Func<Task<T>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (ArgumentException exception)
        {
            throw Bad("body", exception.Message);
        }
    }

    /// <summary>Returns an error about an invalid member of the request.</summary>
    public static MalformedMessageException Bad(string member, string problem) =>
        new(problem, [new ValidationProblem(member, problem)]);

    private static byte[] Bytes(JsonNode node)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            node.WriteTo(writer);
        return stream.ToArray();
    }

    private static DeadLetterState StateOf(string? text) =>
        Enum.TryParse<DeadLetterState>(text, ignoreCase: true, out var state) && Enum.IsDefined(state)
            ? state
            : throw Bad("state", $"'{text}' is not the state of a dead letter.");

    private string? Text(string name) => _body[name] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        _ => throw Bad(name, "It must be text."),
    };

    private double? Number(string name) => _body[name] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<double>(out var number) => number,
        _ => throw Bad(name, "It must be a number."),
    };
}
