using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Millrace.Serialization;

namespace Millrace.AspNetCore.OpenApi;

/// <summary>The components of the variants of a polymorphic type, each with its discriminator.</summary>
internal sealed class VariantSchemas
{
    private readonly ConcurrentDictionary<string, (string Discriminator, VariantDescription Variant)> _found = new(
        StringComparer.Ordinal);

    /// <summary>Returns the schema of a component, or null if the component is not a variant.</summary>
    public OpenApiSchema? Build(string id, Func<TypeDescription, OpenApiSchema> objectOf)
    {
        if (!_found.TryGetValue(id, out var found))
            return null;
        var (discriminator, variant) = found;
        var schema = objectOf(variant.Description);
        schema.Description = variant.Description.Summary;
        if (variant.Discriminator is null)
        {
            // Otherwise every other variant would match this one as well.
            schema.Not = new OpenApiSchema { Required = new HashSet<string>(StringComparer.Ordinal) { discriminator } };
            return schema;
        }
        var (type, mark) = variant.Discriminator is int number
            ? (JsonSchemaType.Integer, JsonValue.Create(number))
            : (JsonSchemaType.String, JsonValue.Create($"{variant.Discriminator}"));
        // An object has properties.
        schema.Properties!.Add(discriminator, new OpenApiSchema { Type = type, Enum = [mark] });
        schema.Required!.Add(discriminator);
        return schema;
    }

    /// <summary>Returns the schema of a polymorphic type. The discriminator selects one of its variants.</summary>
    /// <param name="description">The type.</param>
    /// <param name="id">The component of the type.</param>
    /// <param name="idOf">Returns a unique name for a component.</param>
    /// <param name="document">The document.</param>
    public OpenApiSchema OneOf(
        TypeDescription description, string id, Func<string, string> idOf, OpenApiDocument document)
    {
        var discriminator = description.Discriminator!; // A polymorphic type has a discriminator.
        var mapping = new Dictionary<string, OpenApiSchemaReference>(StringComparer.Ordinal);
        var schema = new OpenApiSchema { OneOf = [] };
        foreach (var variant in description.Variants)
        {
            var reference = new OpenApiSchemaReference(IdOf(id, discriminator, variant, idOf), document);
            schema.OneOf.Add(reference);
            if (variant.Discriminator is { } mark)
                mapping.Add(string.Create(CultureInfo.InvariantCulture, $"{mark}"), reference);
        }
        if (mapping.Count == description.Variants.Count)
            schema.Discriminator = new OpenApiDiscriminator { PropertyName = discriminator, Mapping = mapping };
        return schema;
    }

    private string IdOf(string declared, string discriminator, VariantDescription variant, Func<string, string> idOf)
    {
        var prefix = declared + "As";
        foreach (var (id, found) in _found)
        {
            if (found.Variant.Type == variant.Type && id.StartsWith(prefix, StringComparison.Ordinal))
                return id;
        }
        var made = idOf(prefix + string.Concat(variant.Type.Name.Where(char.IsLetterOrDigit)));
        _found[made] = (discriminator, variant);
        return made;
    }
}
