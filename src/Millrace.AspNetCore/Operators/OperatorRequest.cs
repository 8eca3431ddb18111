using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.AspNetCore;

/// <summary>Reads what operators say: names in the route, numbers in the query string, members of a body that may be
/// missing.</summary>
internal static class OperatorRequest
{
    private const string AnonymousOperator = "(an operator without a name)";

    /// <summary>The text that means in a path that the key is in the query string.</summary>
    private const string InQuery = "-";

    /// <summary>A name in the route.</summary>
    // The route has it.
    public static string Name(HttpContext http, string part = "name") => RouteValueReader.Of(http, part)!;

    /// <summary>
    /// A key of the application's own, any text: in the route or, for a text that no path can hold such as <c>..</c>,
    /// as <c>-</c> there and in the query string under the same name.
    /// </summary>
    public static string Key(HttpContext http, string part)
    {
        var key = Name(http, part);
        return key == InQuery ? Query(http, part) ?? key : key;
    }

    /// <summary>A text in the query string; null when it is not given.</summary>
    /// <exception cref="MalformedMessageException">It is given more than once.</exception>
    public static string? Query(HttpContext http, string name) => http.Request.Query[name] switch
    {
        { Count: 0 } => null,
        { Count: 1 } one => one.ToString(),
        var several => throw Bad(name, $"It is given {several.Count} times, but is one value."),
    };

    /// <summary>Text in the body; null when absent.</summary>
    public static string? Text(JsonObject body, string name) => body[name] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        _ => throw Bad(name, "It must be text."),
    };

    /// <summary>A time in the body.</summary>
    public static DateTimeOffset Time(JsonObject body, string name) =>
        body[name] is JsonValue value && value.TryGetValue<DateTimeOffset>(out var time)
            ? time
            : throw Bad(name, "It must be a time, such as 2031-12-05T10:00:00Z.");

    /// <summary>A time in the body; null when absent.</summary>
    public static DateTimeOffset? ReadOptionalTime(JsonObject body, string name) =>
        body[name] is null ? null : Time(body, name);

    /// <summary>An object in the body; null when absent.</summary>
    public static JsonElement? Object(JsonObject body, string name)
    {
        switch (body[name])
        {
            case null:
                return null;
            case JsonObject value:
                using (var parsed = JsonDocument.Parse(value.ToJsonString()))
                    return parsed.RootElement.Clone();
            default:
                throw Bad(name, "It must be an object.");
        }
    }

    /// <summary>Who asks, by what is known of the caller.</summary>
    public static string Caller(HttpContext http) =>
        http.User.Identity?.Name ?? http.User.FindFirst("sub")?.Value ?? AnonymousOperator;

    /// <summary>Who must allow that the caller sends a command: an operator may decide, and still not send
    /// each.</summary>
    public static CommandAccess Access(HttpContext http) =>
        new([.. http.RequestServices.GetServices<IAuthorizer>()], http.User);

    /// <summary>A whole number in the query string; the default value when it is not given or empty.</summary>
    public static long Number(HttpContext http, string name, long otherwise, long least, long most) =>
        Query(http, name) is not { Length: > 0 } text ? otherwise
        : long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
        && number >= least
        && number <= most
            ? number
        : throw Bad(name, $"It must be a whole number from {least} to {most}.");

    /// <summary>Yes or no in the query string; no by default, yes for a name without a value.</summary>
    public static bool Flag(HttpContext http, string name) => Query(http, name) switch
    {
        null => false,
        "" => true,
        var text => bool.TryParse(text, out var flag) ? flag : throw Bad(name, "It must be true or false."),
    };

    /// <summary>A whole number in the body.</summary>
    public static long Number(JsonObject body, string name, long otherwise, long least, long most) => body[name] switch
    {
        null => otherwise,
        JsonValue value when value.TryGetValue<long>(out var number) && number >= least && number <= most => number,
        _ => throw Bad(name, $"It must be a whole number from {least} to {most}."),
    };

    /// <summary>Yes or no in the body; no when absent.</summary>
    public static bool Flag(JsonObject body, string name) => body[name] switch
    {
        null => false,
        JsonValue value when value.TryGetValue<bool>(out var flag) => flag,
        _ => throw Bad(name, "It must be true or false."),
    };

    /// <summary>One of some words in the body.</summary>
    public static string Word(JsonObject body, string name, string otherwise, IReadOnlyList<string> words) =>
        body[name] switch
        {
            null => otherwise,
            JsonValue value
                when value.TryGetValue<string>(out var word) && words.Contains(word, StringComparer.Ordinal) => word,
            _ => throw Bad(name, $"It must be one of {string.Join(", ", words)}."),
        };

    /// <summary>A part of the request that is not as it must be.</summary>
    public static MalformedMessageException Bad(string member, string problem) =>
        new(problem, [new ValidationProblem(member, problem)]);
}
