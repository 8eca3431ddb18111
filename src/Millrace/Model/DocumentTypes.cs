using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Serialization;

namespace Millrace.Model;

/// <summary>Finds the read models whose documents values of a type can contain. Thread-safe.</summary>
internal sealed class DocumentTypes(ModelCatalog model)
{
    private readonly ConcurrentDictionary<Type, IReadOnlyList<string>> _in = new();
    private readonly ConcurrentDictionary<Type, IReadOnlyList<string>> _of = new();

    /// <summary>Returns the read models whose documents values of a type can contain.</summary>
    public IReadOnlyList<string> In(Type type) => _in.GetOrAdd(
        type,
        static (type, types) =>
        {
            var found = new HashSet<string>(StringComparer.Ordinal);
            types.Collect(type, isInDocument: false, [], found);
            return [.. found];
        },
        this);

    /// <summary>Returns the read models whose documents have a type; empty if documents have other types.</summary>
    public IReadOnlyList<string> Of(Type type) => _of.GetOrAdd(
        type,
        static (type, model) =>
        {
            string[] exact = [.. Names(model, projection => projection.DocumentType == type)];
            return exact.Length > 0
                ? exact
                : [.. Names(model, projection => projection.DocumentType.IsAssignableFrom(type))];
        },
        model);

    /// <summary>Returns whether documents can have a type that is derived from a type, or the type itself.</summary>
    public bool IsBaseOfDocuments(Type type) =>
        Names(model, projection => type.IsAssignableFrom(projection.DocumentType)).Any();

    /// <summary>Returns whether values of a type are JSON of any form.</summary>
    public static bool IsJson(Type type) =>
        typeof(JsonNode).IsAssignableFrom(type) || type == typeof(JsonElement) || type == typeof(JsonDocument);

    private static IEnumerable<string> Names(ModelCatalog model, Func<ProjectionDefinition, bool> condition) =>
        model.Projections.Where(condition).Select(projection => projection.Name);

    /// <summary>
    /// Returns whether the JSON of a type can contain anything: a type of the application with its own converter.
    /// </summary>
    private static bool IsOpaque(Type type) =>
        type is { IsGenericParameter: false, Namespace: not "System" }
        && type.Namespace?.StartsWith("System.", StringComparison.Ordinal) != true;

    /// <summary>Collects the read models whose documents a value of a type can contain.</summary>
    /// <param name="type">The type.</param>
    /// <param name="isInDocument">Whether the value is a part of a document. JSON there contains no other
    /// document.</param>
    /// <param name="visited">The types that were visited.</param>
    /// <param name="found">The read models.</param>
    private void Collect(Type type, bool isInDocument, HashSet<(Type, bool)> visited, HashSet<string> found)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (!visited.Add((type, isInDocument)))
            return;
        if (IsJson(type))
        {
            if (!isInDocument)
                found.UnionWith(Names(model, _ => true));
            return;
        }
        var own = Of(type);
        found.UnionWith(own);
        isInDocument |= own.Count > 0;
        found.UnionWith(Names(model, projection => type.IsAssignableFrom(projection.DocumentType)));
        if (model.Describe(type) is { Form: not TypeForm.Any } description)
        {
            Collect(description, isInDocument, visited, found);
            return;
        }
        // The members are not known. A collection can still contain documents.
        if (type.GetElementType() is { } element)
            Collect(element, isInDocument, visited, found);
        foreach (var argument in type.GenericTypeArguments)
            Collect(argument, isInDocument, visited, found);
        if (IsOpaque(type))
            found.UnionWith(Names(model, _ => true));
    }

    private void Collect(
        TypeDescription description, bool isInDocument, HashSet<(Type, bool)> visited, HashSet<string> found)
    {
        foreach (var member in description.Members)
            Collect(member.Type, isInDocument, visited, found);
        if (description.Inner is { } inner)
            Collect(inner, isInDocument, visited, found);
        foreach (var variant in description.Variants)
        {
            var own = Of(variant.Type);
            found.UnionWith(own);
            Collect(variant.Description, isInDocument || own.Count > 0, visited, found);
        }
    }
}
