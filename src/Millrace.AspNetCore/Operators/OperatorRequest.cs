using System.Globalization;
using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Millrace.AspNetCore.Binding;

namespace Millrace.AspNetCore.Operators;

/// <summary>
/// Reads the requests of operators: the route values, the query string and the optional members of the body.
/// </summary>
internal static class OperatorRequest
{
    private const string Sub = "sub";
    private const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
    private const string AnonymousOperator = "(an operator without a name)";

    /// <summary>The route value that indicates that the query string contains the key.</summary>
    private const string InQuery = "-";

    /// <summary>Returns a route value. The route must have the parameter.</summary>
    public static string Name(HttpContext http, string part = "name") => RouteValueReader.Of(http, part)!;

    /// <summary>
    /// Returns a key, which can be any text. The key is usually in the route. If a path cannot contain the text, such
    /// as <c>..</c>, the route has <c>-</c>, and the parameter with the same name in the query string has the key.
    /// </summary>
    public static string Key(HttpContext http, string part)
    {
        var key = Name(http, part);
        return key == InQuery ? Query(http, part) ?? key : key;
    }

    /// <summary>Returns a text in the query string, or null if the query string does not contain it.</summary>
    /// <exception cref="MalformedMessageException">The query string contains the text more than once.</exception>
    public static string? Query(HttpContext http, string name) => http.Request.Query[name] switch
    {
        { Count: 0 } => null,
        { Count: 1 } one => one.ToString(),
        var several => throw Bad(name, $"It is given {several.Count} times, but only one value is allowed."),
    };

    /// <summary>Returns a text in the body, or null if the member is absent.</summary>
    public static string? Text(JsonObject body, string name) => body[name] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        _ => throw BadMember(name, "It must be text."),
    };

    /// <summary>Returns a text in the body that must not be missing or empty.</summary>
    public static string Required(JsonObject body, string name) =>
        Text(body, name) is { Length: > 0 } text ? text : throw BadMember(name, "It is missing.");

    /// <summary>Returns a list of texts in the body; empty if the member is absent.</summary>
    public static IReadOnlyList<string> Texts(JsonObject body, string name)
    {
        return body[name] switch
        {
            null => [],
            JsonArray items => [.. items.Select(TextOf)],
            _ => throw NoTexts(),
        };

        string TextOf(JsonNode? item) =>
            item is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw NoTexts();

        MalformedMessageException NoTexts() => BadMember(name, "It must be a list of texts.");
    }

    /// <summary>Returns a time in the body. A time without an offset is in UTC.</summary>
    public static DateTimeOffset Time(JsonObject body, string name) =>
        body[name] is JsonValue value && value.TryGetValue<DateTimeOffset>(out _)
        && DateTimeOffset.TryParse(
            value.GetValue<string>(), CultureInfo.InvariantCulture, Utc, out var time)
            ? time
            : throw BadMember(name, "It must be a time, such as 2031-12-05T10:00:00Z.");

    /// <summary>Returns a time in the body, or null if the member is absent.</summary>
    public static DateTimeOffset? ReadOptionalTime(JsonObject body, string name) =>
        body[name] is null ? null : Time(body, name);

    /// <summary>Returns an object in the body, or null if the member is absent.</summary>
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
                throw BadMember(name, "It must be an object.");
        }
    }

    /// <summary>
    /// Returns the id of the caller, which is the same as in events and audit entries of commands; without an id, the
    /// name.
    /// </summary>
    public static string Caller(HttpContext http)
    {
        var type = http.RequestServices.GetService<AccessBuilder>()?.UserIdClaim ?? Sub;
        var id = http.User.FindFirst(type) ?? (type == Sub ? http.User.FindFirst(ClaimTypes.NameIdentifier) : null);
        return id?.Value ?? http.User.Identity?.Name ?? AnonymousOperator;
    }

    /// <summary>
    /// Returns the access check for a command that is sent for the caller. A caller who may make decisions may not be
    /// allowed to send every command.
    /// </summary>
    public static CommandAccess Access(HttpContext http) =>
        new([.. http.RequestServices.GetServices<IAuthorizer>()], http.User);

    /// <summary>
    /// Returns an integer in the query string, or the default value if the parameter is missing or empty.
    /// </summary>
    public static long Number(HttpContext http, string name, long defaultValue, long min, long max) =>
        Query(http, name) is not { Length: > 0 } text ? defaultValue
        : long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
        && number >= min
        && number <= max
            ? number
        : throw Bad(name, $"It must be a whole number from {min} to {max}.");

    /// <summary>Returns a time in the query string, or null if the parameter is missing or empty.</summary>
    public static DateTimeOffset? QueryTime(HttpContext http, string name) =>
        Query(http, name) is not { Length: > 0 } text ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, Utc, out var time)
            ? time
        : throw Bad(name, "It must be a time, such as 2026-01-02T03:04:05Z.");

    /// <summary>Returns a flag in the query string. The default is false. A name without a value means true.</summary>
    public static bool Flag(HttpContext http, string name) => Query(http, name) switch
    {
        null => false,
        "" => true,
        var text => bool.TryParse(text, out var flag) ? flag : throw Bad(name, "It must be true or false."),
    };

    /// <summary>Returns a whole number in the body.</summary>
    public static long Number(JsonObject body, string name, long defaultValue, long min, long max) => body[name] switch
    {
        null => defaultValue,
        JsonValue value when value.TryGetValue<long>(out var number) && number >= min && number <= max => number,
        _ => throw BadMember(name, $"It must be a whole number from {min} to {max}."),
    };

    /// <summary>Returns a flag in the body, or false if the member is absent.</summary>
    public static bool Flag(JsonObject body, string name) => body[name] switch
    {
        null => false,
        JsonValue value when value.TryGetValue<bool>(out var flag) => flag,
        _ => throw BadMember(name, "It must be true or false."),
    };

    /// <summary>Returns one of several words in the body.</summary>
    public static string Word(JsonObject body, string name, string defaultValue, IReadOnlyList<string> words) =>
        body[name] switch
        {
            null => defaultValue,
            JsonValue value
                when value.TryGetValue<string>(out var word) && words.Contains(word, StringComparer.Ordinal) => word,
            _ => throw BadMember(name, $"It must be one of {string.Join(", ", words)}."),
        };

    /// <summary>Returns an error about an invalid parameter of the request.</summary>
    public static MalformedMessageException Bad(string parameter, string problem) =>
        Error("parameter", parameter, problem);

    /// <summary>Returns an error about an invalid member of the body.</summary>
    public static MalformedMessageException BadMember(string member, string problem) =>
        Error("member", member, problem);

    /// <summary>Returns an error whose text names the parameter or the member, so that it can be read alone.</summary>
    private static MalformedMessageException Error(string kind, string name, string problem)
    {
        const string Subject = "It ";
        var text = problem.StartsWith(Subject, StringComparison.Ordinal)
            ? $"The {kind} '{name}' {problem[Subject.Length..]}"
            : problem;
        return new MalformedMessageException(text, [new ValidationProblem(name, problem)]);
    }
}
