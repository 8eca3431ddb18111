using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Commerce.Tests.Api;

/// <summary>
/// Reads an OpenAPI document as a client does. Returns operations with their requests and responses, validates JSON
/// against schemas, and generates JSON from schemas.
/// </summary>
public sealed class ApiDescription(JsonNode root)
{
    private static readonly string[] Nested = ["items", "additionalProperties", "not"];
    private static readonly string[] Lists = ["oneOf", "anyOf", "allOf"];

    public JsonNode Root => root;

    public JsonObject Components => root["components"]!["schemas"]!.AsObject();

    /// <summary>Gets every operation with its method and path.</summary>
    public IEnumerable<(string Method, string Path, JsonNode Operation)> Operations =>
        from path in root["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select (operation.Key, path.Key, operation.Value!);

    public static async Task<ApiDescription> Read(HttpClient http) =>
        new(JsonNode.Parse(await http.GetStringAsync("/openapi/v1.json"))!);

    public (string Method, string Path, JsonNode Operation) Find(string operationId) =>
        Operations.Single(found => found.Operation["operationId"]?.GetValue<string>() == operationId);

    /// <summary>Returns a path with its parameters filled in.</summary>
    public static string Fill(string path, Func<string, string> value)
    {
        var parts = path.Split('/')
            .Select(part => part is ['{', .., '}'] ? Uri.EscapeDataString(value(part[1..^1])) : part);
        return string.Join('/', parts);
    }

    public static JsonNode? BodyOf(JsonNode operation) =>
        operation["requestBody"]?["content"]!["application/json"]!["schema"];

    public static JsonNode? AnswerOf(JsonNode operation, int status) =>
        operation["responses"]![status.ToString(CultureInfo.InvariantCulture)]
            ?["content"]
            ?["application/json"]
            ?["schema"];

    /// <summary>Returns every schema in the document, with its location.</summary>
    public IEnumerable<(string Where, JsonNode Schema)> Schemas() => SchemasIn("", root);

    /// <summary>Resolves a reference, or returns any other schema unchanged.</summary>
    public JsonNode Resolve(JsonNode schema)
    {
        if (schema["$ref"]?.GetValue<string>() is not { } reference)
            return schema;
        Assert.StartsWith("#/", reference, StringComparison.Ordinal);
        return reference[2..].Split('/').Aggregate<string, JsonNode?>(root, (node, name) => node?[name])
            ?? throw new InvalidOperationException($"The target of the reference {reference} does not exist.");
    }

    /// <summary>Returns the errors of a JSON value that violates a schema.</summary>
    public IEnumerable<string> Problems(JsonNode? value, JsonNode reference, string location = "$")
    {
        var schema = Resolve(reference);
        if (schema["oneOf"] is JsonArray choices)
            return choices.Any(choice => !Problems(value, choice!, location).Any())
                ? []
                : [$"{location} matches none of the choices."];
        var isOfType =
            Types(schema).Contains(TypeOf(value)) || (TypeOf(value) == "integer" && Types(schema).Contains("number"));
        if (!isOfType)
            return [$"{location} is a {TypeOf(value)} instead of {string.Join(" or ", Types(schema))}."];
        if (schema["enum"] is JsonArray names && !names.Any(name => JsonNode.DeepEquals(name, value)))
            return [$"{location} is {value}, which is not a name of the enumeration."];
        return value switch
        {
            JsonObject found => ProblemsInObject(found, schema, location),
            JsonArray found => found.SelectMany(
                (item, index) => Problems(item, schema["items"]!, $"{location}[{index}]")),
            JsonValue found when schema["format"]?.GetValue<string>() is { } format && !Fits(found, format) =>
                [$"{location} is {value}, which is not a valid {format}."],
            _ => [],
        };
    }

    /// <summary>Returns JSON that matches a schema.</summary>
    /// <param name="reference">The schema.</param>
    /// <param name="known">Values that a schema cannot contain, such as existing ids, by component or member
    /// name.</param>
    /// <param name="name">The member to create.</param>
    public JsonNode? Sample(JsonNode reference, IReadOnlyDictionary<string, JsonNode> known, string name = "")
    {
        var component = reference["$ref"]?.GetValue<string>().Split('/')[^1] ?? name;
        if (known.TryGetValue(name, out var sample) || known.TryGetValue(component, out sample))
            return sample.DeepClone();
        var schema = Resolve(reference);
        if (schema["oneOf"] is JsonArray choices)
            return Sample(choices.Last()!, known, name);
        if (schema["enum"] is JsonArray names)
            return names[0]!.DeepClone();
        return Types(schema).First(type => type != "null") switch
        {
            "object" => new JsonObject((schema["properties"] as JsonObject ?? []).Select(
                member => KeyValuePair.Create(member.Key, Sample(member.Value!, known, member.Key)))),
            "array" => new JsonArray(Sample(schema["items"]!, known)),
            "integer" or "number" => JsonValue.Create(1),
            "boolean" => JsonValue.Create(true),
            _ when schema["format"]?.GetValue<string>() == "uuid" => JsonValue.Create(Guid.NewGuid()),
            _ => JsonValue.Create($"some {name}"),
        };
    }

    private IEnumerable<string> ProblemsInObject(JsonObject found, JsonNode schema, string location)
    {
        foreach (var missing in (schema["required"] as JsonArray ?? []).Where(name =>
                !found.ContainsKey(name!.GetValue<string>())))
            yield return $"{location}.{missing} is missing.";
        foreach (var (name, value) in found)
        {
            if ((schema["properties"]?[name] ?? schema["additionalProperties"]) is not { } member)
                yield return $"{location}.{name} is not described.";
            else
            {
                foreach (var problem in Problems(value, member, $"{location}.{name}"))
                    yield return problem;
            }
        }
    }

    private static IEnumerable<string> Types(JsonNode schema) => schema["type"] switch
    {
        JsonArray several => several.Select(type => type!.GetValue<string>()),
        { } single => [single.GetValue<string>()],
        null => [],
    };

    private static string TypeOf(JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => "null",
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => value.ToJsonString().Contains('.', StringComparison.Ordinal) ? "number" : "integer",
        _ => "boolean",
    };

    private static bool Fits(JsonValue value, string format) =>
        format switch
        {
            "uuid" => value.TryGetValue<Guid>(out _),
            "date-time" => value.TryGetValue<DateTimeOffset>(out _),
            "date" => DateOnly.TryParseExact(
                value.GetValue<string>(),
                "O",
                CultureInfo.InvariantCulture,
                DateTimeStyles.None,
                out _),
            "int32" => value.TryGetValue<int>(out _),
            _ => true,
        };

    private static IEnumerable<(string Where, JsonNode Schema)> SchemasIn(string location, JsonNode? node) =>
        node switch
        {
            JsonObject found => found.SelectMany(member => (member.Key, location) switch
            {
                ("schema", _) or (_, "/components/schemas") => WithInner($"{location}/{member.Key}", member.Value!),
                _ => SchemasIn($"{location}/{member.Key}", member.Value),
            }),
            JsonArray found => found.SelectMany((item, index) => SchemasIn($"{location}/{index}", item)),
            _ => [],
        };

    private static IEnumerable<(string Where, JsonNode Schema)> WithInner(string location, JsonNode schema) =>
        [
            (location, schema),
            .. (schema["properties"] as JsonObject ?? []).SelectMany(member =>
                WithInner($"{location}/{member.Key}", member.Value!)),
            .. Nested
                .Where(name => schema[name] is JsonObject)
                .SelectMany(name => WithInner($"{location}/{name}", schema[name]!)),
            .. Lists.SelectMany(name =>
                (schema[name] as JsonArray ?? []).SelectMany(single => WithInner($"{location}/{name}", single!))),
        ];
}
