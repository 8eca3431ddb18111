using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Millrace.Storage;

namespace Millrace.AspNetCore;

/// <summary>What an operator asks for: which letters in the query string, and what to do in the body.</summary>
internal sealed class DeadLetterRequest
{
    private readonly JsonObject _body;

    private DeadLetterRequest(JsonObject body) => _body = body;

    /// <summary>Reads the body, which may be empty.</summary>
    public static async Task<DeadLetterRequest> Read(HttpContext http, int mostBytes) =>
        new(await JsonBody.Read(http, mostBytes).ConfigureAwait(false));

    /// <summary>The letters that the query string names.</summary>
    public static DeadLetterQuery Query(HttpContext http) => new()
    {
        Consumer = OperatorRequest.Query(http, "consumer"),
        Cause = OperatorRequest.Query(http, "cause"),
        Key = OperatorRequest.Query(http, "key"),
        Stream = OperatorRequest.Query(http, "stream") is { Length: > 0 } stream ? new StreamId(stream) : null,
        EventType = OperatorRequest.Query(http, "type"),
        States = [.. http.Request.Query["state"].Select(StateOf)],
        After = OperatorRequest.Number(http, "after", 0, 0, long.MaxValue),
        Limit = (int)OperatorRequest.Number(http, "limit", 100, 1, 10_000),
    };

    /// <summary>Who decides, by what is known of the caller, and why.</summary>
    public DeadLetterNote Note(HttpContext http)
    {
        return new DeadLetterNote(OperatorRequest.Caller(http), Text("reason"));
    }

    /// <summary>What is done: <c>decision</c>, and <c>patch</c> to change payloads.</summary>
    public DeadLetterAction Fix()
    {
        var decision = Text("decision");
        if (_body["patch"] is { } patch)
        {
            return decision is null or "retry"
                ? DeadLetterAction.Patch(Bytes(patch))
                : throw Bad("decision", "With a patch it can only be retry.");
        }
        return decision switch
        {
            null or "retry" => DeadLetterAction.Retry,
            "skip" => DeadLetterAction.Skip,
            "discard" => DeadLetterAction.Discard,
            _ => throw Bad("decision", "It is retry, skip or discard."),
        };
    }

    /// <summary>Whether another payload is given, whole.</summary>
    /// <exception cref="MalformedMessageException">A patch is given as well.</exception>
    public bool HasPayload => _body.ContainsKey("payload")
        && (!_body.ContainsKey("patch") ? true : throw Bad("patch", "Give a payload or a patch, not both."));

    /// <summary>The payload to handle instead.</summary>
    public ReadOnlyMemory<byte> Payload() =>
        _body["payload"] is { } payload ? Bytes(payload) : throw Bad("payload", "It is missing.");

    /// <summary>How fast and how far; all letters that match, unless the query says how many.</summary>
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

    /// <summary>Tells what is wrong with an argument as what is wrong with the request.</summary>
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

    /// <summary>A member of the request that is not as it must be.</summary>
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
