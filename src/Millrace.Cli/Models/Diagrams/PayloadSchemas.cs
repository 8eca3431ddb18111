using System.Text.Json.Nodes;
using Millrace.Serialization;

namespace Millrace.Cli.Models.Diagrams;

/// <summary>
/// Creates the JSON schemas (draft 7) of a model's types. Each object type has one schema with a name.
/// </summary>
internal sealed class PayloadSchemas(ModelCatalog catalog)
{
    private static readonly Dictionary<Type, (string? Type, string? Format)> Known = new()
    {
        [typeof(string)] = ("string", null),
        [typeof(char)] = ("string", null),
        [typeof(bool)] = ("boolean", null),
        [typeof(sbyte)] = ("integer", null),
        [typeof(byte)] = ("integer", null),
        [typeof(short)] = ("integer", null),
        [typeof(ushort)] = ("integer", null),
        [typeof(int)] = ("integer", "int32"),
        [typeof(uint)] = ("integer", null),
        [typeof(long)] = ("integer", "int64"),
        [typeof(ulong)] = ("integer", null),
        [typeof(float)] = ("number", "float"),
        [typeof(double)] = ("number", "double"),
        [typeof(decimal)] = ("number", null),
        [typeof(Guid)] = ("string", "uuid"),
        [typeof(DateOnly)] = ("string", "date"),
        [typeof(TimeOnly)] = ("string", "time"),
        [typeof(DateTime)] = ("string", "date-time"),
        [typeof(DateTimeOffset)] = ("string", "date-time"),
        [typeof(TimeSpan)] = ("string", null),
        [typeof(Uri)] = ("string", "uri-reference"),
        [typeof(byte[])] = ("string", null),
    };

    private readonly SortedDictionary<string, JsonNode> _components = new(StringComparer.Ordinal);
    private readonly Dictionary<Type, string> _names = [];

    /// <summary>Returns the schemas of all types that were referenced.</summary>
    public JsonObject Components() =>
        new(_components.Select(found => KeyValuePair.Create(found.Key, (JsonNode?)found.Value.DeepClone())));

    /// <summary>Returns the schema of a type. The schema is a reference when the type has its own name.</summary>
    public JsonObject Of(Type type)
    {
        var underlying = Nullable.GetUnderlyingType(type) ?? type;
        if (Known.TryGetValue(underlying, out var known))
            return SimpleSchema(known.Type, known.Format);
        if (catalog.Describe(underlying) is not { } description || description.Form == TypeForm.Any)
            return [];
        if (description.Form is TypeForm.List or TypeForm.Map)
            return Build(description);
        return new JsonObject { ["$ref"] = $"#/components/schemas/{NameOf(underlying, description)}" };
    }

    private string NameOf(Type type, TypeDescription description)
    {
        if (_names.TryGetValue(type, out var existing))
            return existing;
        var simple = string.Concat(ModelText.Of(type).Where(char.IsAsciiLetterOrDigit));
        var name = simple;
        for (var number = 2; _components.ContainsKey(name); number++)
            name = simple + number;
        _names[type] = name;
        _components[name] = new JsonObject(); // A placeholder, in case the type contains itself.
        _components[name] = Build(description);
        return name;
    }

    private JsonObject Build(TypeDescription description)
    {
        var schema = description.Form switch
        {
            TypeForm.Value => Of(description.Inner!), // A value type has an inner type.
            TypeForm.Enumeration => new JsonObject { ["type"] = "string", ["enum"] = Texts(description.Names) },
            TypeForm.List => new JsonObject { ["type"] = "array", ["items"] = ItemSchema(description) },
            TypeForm.Map => new JsonObject { ["type"] = "object", ["additionalProperties"] = ItemSchema(description) },
            TypeForm.Polymorphic => OneOfSchema(description),
            _ => Object(description),
        };
        if (description.Summary is { } summary)
            schema["description"] = summary;
        return schema;
    }

    /// <summary>
    /// Returns the schema for one of several objects. A constant member discriminates between the objects.
    /// </summary>
    private JsonObject OneOfSchema(TypeDescription description)
    {
        var variants = description.Variants.Select(variant =>
        {
            var schema = Object(variant.Description);
            if (variant.Discriminator is not { } discriminator)
            {
                // Without this condition, the objects of all other variants would match this variant too.
                schema["not"] = new JsonObject { ["required"] = new JsonArray(description.Discriminator) };
                return schema;
            }
            schema["properties"]!
                .AsObject()
                .Insert(0, description.Discriminator!, new JsonObject { ["const"] = ConstantOf(discriminator) });
            var required = (schema["required"] ??= new JsonArray()).AsArray();
            required.Insert(0, description.Discriminator);
            return schema;
        });
        var oneOf = new JsonObject { ["oneOf"] = new JsonArray([.. variants]) };
        if (description.Variants.All(variant => variant.Discriminator is not null))
            oneOf["discriminator"] = description.Discriminator;
        return oneOf;
    }

    private static JsonNode ConstantOf(object discriminator) =>
        discriminator is int number ? number : $"{discriminator}";

    private JsonObject Object(TypeDescription description)
    {
        var (properties, required) = (new JsonObject(), new JsonArray());
        foreach (var member in description.Members)
        {
            var schema = Of(member.Type);
            properties[member.Name] = member.Summary is { } summary ? WithDescription(schema, summary) : schema;
            if (member is { IsRequired: true, AllowsNull: false })
                required.Add((JsonNode)member.Name);
        }
        var objectSchema = new JsonObject { ["type"] = "object", ["properties"] = properties };
        if (required.Count > 0)
            objectSchema["required"] = required;
        return objectSchema;
    }

    private JsonObject ItemSchema(TypeDescription description)
    {
        var inner = Of(description.Inner!); // Lists and maps have an item type.
        return description.AllowsNullInside
            ? new JsonObject { ["oneOf"] = new JsonArray(inner, new JsonObject { ["type"] = "null" }) }
            : inner;
    }

    /// <summary>
    /// Adds a description. A reference is wrapped, because readers ignore a description next to a reference.
    /// </summary>
    private static JsonObject WithDescription(JsonObject schema, string summary)
    {
        if (schema.ContainsKey("$ref"))
            return new JsonObject { ["allOf"] = new JsonArray(schema), ["description"] = summary };
        schema["description"] = summary;
        return schema;
    }

    private static JsonObject SimpleSchema(string? type, string? format)
    {
        var schema = new JsonObject();
        if (type is not null)
            schema["type"] = type;
        if (format is not null)
            schema["format"] = format;
        return schema;
    }

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)text)];
}
