using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Millrace.Cli.Tests;

/// <summary>
/// Validates values with the JSON Schema keywords that docs/reference/cli.schema.json uses. Any other keyword is an
/// error.
/// </summary>
internal sealed class JsonShape(JsonObject root)
{
    private static readonly string[] IgnoredKeywords =
        ["$schema", "$defs", "title", "description", "format", "x-output"];

    /// <summary>
    /// Returns the differences between a value and its definition. The list is empty when the value is valid.
    /// </summary>
    public List<string> Problems(string definition, JsonElement value)
    {
        var problems = new List<string>();
        Check(Definition(definition), value, "$", problems);
        return problems;
    }

    public JsonObject Definition(string name) =>
        root["$defs"]![name]?.AsObject()
        ?? throw new KeyNotFoundException($"docs/reference/cli.schema.json does not define '{name}'.");

    private void Check(JsonObject schema, JsonElement value, string path, List<string> problems)
    {
        foreach (var (keyword, rule) in schema)
        {
            switch (keyword)
            {
                case "$ref":
                    Check(Definition(rule!.GetValue<string>()["#/$defs/".Length..]), value, path, problems);
                    break;
                case "type" when !Types(rule!).Any(type => HasType(type, value)):
                    problems.Add($"{path} is {value.ValueKind}, not {rule}");
                    break;
                case "enum" when !rule!.AsArray().Any(option => IsSame(option, value)):
                    problems.Add($"{path} is {value}, none of {rule.ToJsonString()}");
                    break;
                case "const" when !IsSame(rule, value):
                    problems.Add($"{path} is {value}, not {rule}");
                    break;
                case "anyOf":
                    CheckAny(rule!.AsArray(), value, path, problems);
                    break;
                case "items" when value.ValueKind == JsonValueKind.Array:
                    CheckItems(rule!.AsObject(), value, path, problems);
                    break;
                case "properties" when value.ValueKind == JsonValueKind.Object:
                    CheckMembers(schema, value, path, problems);
                    break;
                case "additionalProperties" when !schema.ContainsKey("properties") && rule is JsonObject each:
                    foreach (var member in value.EnumerateObject())
                        Check(each, member.Value, $"{path}.{member.Name}", problems);
                    break;
                case "type" or "enum" or "const" or "items" or "properties" or "additionalProperties" or "required":
                    break;
                default:
                    Assert.Contains(keyword, IgnoredKeywords);
                    break;
            }
        }
    }

    private void CheckAny(JsonArray choices, JsonElement value, string path, List<string> problems)
    {
        var failures = new List<List<string>>();
        foreach (var choice in choices)
        {
            var found = new List<string>();
            Check(choice!.AsObject(), value, path, found);
            if (found.Count == 0)
                return;
            failures.Add(found);
        }
        problems.Add($"{path} is none of {choices.Count}: {string.Join(" | ", failures.Select(found => found[0]))}");
    }

    private void CheckItems(JsonObject items, JsonElement value, string path, List<string> problems)
    {
        foreach (var (index, item) in value.EnumerateArray().Index())
            Check(items, item, $"{path}[{index}]", problems);
    }

    private void CheckMembers(JsonObject schema, JsonElement value, string path, List<string> problems)
    {
        var known = schema["properties"]!.AsObject();
        foreach (var member in value.EnumerateObject())
        {
            if (known[member.Name] is JsonObject rule)
                Check(rule, member.Value, $"{path}.{member.Name}", problems);
            else if (schema["additionalProperties"]?.GetValueKind() == JsonValueKind.False)
                problems.Add($"{path} has '{member.Name}', which the schema does not have");
        }
        foreach (var required in schema["required"]?.AsArray() ?? [])
        {
            if (!value.TryGetProperty(required!.GetValue<string>(), out _))
                problems.Add($"{path} lacks '{required}'");
        }
    }

    private static IEnumerable<string> Types(JsonNode rule) =>
        rule is JsonArray several ? several.Select(option => option!.GetValue<string>()) : [rule.GetValue<string>()];

    private static bool IsSame(JsonNode? rule, JsonElement value) =>
        rule?.GetValueKind() == value.ValueKind
        && rule?.ToJsonString() == JsonNode.Parse(value.GetRawText())?.ToJsonString();

    private static bool HasType(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "integer" => value.ValueKind == JsonValueKind.Number && Regex.IsMatch(value.GetRawText(), "^-?[0-9]+$"),
        "number" => value.ValueKind == JsonValueKind.Number,
        _ => throw new ArgumentException($"'{type}' is no type of JSON Schema."),
    };
}
