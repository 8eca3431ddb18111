using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Security;
using Millrace.Serialization;

namespace Millrace.Hosting.Access;

/// <summary>
/// Finds the documents of read models in answers by their types, and leaves out and masks members in their JSON.
/// </summary>
internal sealed class AnswerFilter(ModelCatalog model) : IAnswerFilter
{
    private const string Mask = "***";

    private readonly ConcurrentDictionary<Type, IReadOnlyList<string>> _inTypes = new();
    private readonly ConcurrentDictionary<Type, IReadOnlyList<string>> _ofDocuments = new();

    private ModelCatalog Model => model;

    public IReadOnlyList<string> ReadModelsIn(Type type) => _inTypes.GetOrAdd(
        type,
        static (type, filter) =>
        {
            var found = new HashSet<string>(StringComparer.Ordinal);
            filter.Collect(type, [], found);
            return [.. found];
        },
        this);

    public JsonNode? Filter(object value, Type type, DocumentDecision decide)
    {
        if (!model.Json.TryGetTypeInfo(type, out var info))
            throw new AccessDeniedException(
                type.Name, "members must be left out, and the model has no JSON metadata of the type.", true);
        var json = JsonSerializer.SerializeToNode(value, info);
        var walk = new Walk(this, decide);
        walk.Visit(json, type);
        return walk.HasChanged ? json : null;
    }

    public IReadOnlyList<string> ReadModelsOf(Type type) => _ofDocuments.GetOrAdd(
        type,
        static (type, model) =>
        {
            string[] exact = [.. Names(model, projection => projection.DocumentType == type)];
            return exact.Length > 0
                ? exact
                : [.. Names(model, projection => projection.DocumentType.IsAssignableFrom(type))];
        },
        model);

    public object? ReadBack(JsonNode filtered, Type type)
    {
        try
        {
            return filtered.Deserialize(model.Json.GetTypeInfo(type));
        }
        catch (Exception exception) when (exception is JsonException or MillraceException)
        {
            throw new AccessDeniedException(
                type.Name, "the answer needs members that the user may not view.", isAuthenticated: true);
        }
    }

    private static IEnumerable<string> Names(ModelCatalog model, Func<ProjectionDefinition, bool> condition) =>
        model.Projections.Where(condition).Select(projection => projection.Name);

    /// <summary>
    /// Returns whether the JSON of a type can contain anything: a type of the application with its own converter.
    /// </summary>
    private static bool IsOpaque(Type type) =>
        type is { IsGenericParameter: false, Namespace: not "System" }
        && type.Namespace?.StartsWith("System.", StringComparison.Ordinal) != true;

    /// <summary>Collects the read models whose documents a value of a type can contain.</summary>
    private void Collect(Type type, HashSet<Type> visited, HashSet<string> found)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (!visited.Add(type))
            return;
        found.UnionWith(ReadModelsOf(type));
        found.UnionWith(Names(model, projection => type.IsAssignableFrom(projection.DocumentType)));
        if (model.Describe(type) is { Form: not TypeForm.Any } description)
        {
            Collect(description, visited, found);
            return;
        }
        // The members are not known. A collection can still contain documents.
        if (type.GetElementType() is { } element)
            Collect(element, visited, found);
        foreach (var argument in type.GenericTypeArguments)
            Collect(argument, visited, found);
        if (IsOpaque(type))
            found.UnionWith(Names(model, _ => true));
    }

    private void Collect(TypeDescription description, HashSet<Type> visited, HashSet<string> found)
    {
        foreach (var member in description.Members)
            Collect(member.Type, visited, found);
        if (description.Inner is { } inner)
            Collect(inner, visited, found);
        foreach (var variant in description.Variants)
        {
            found.UnionWith(ReadModelsOf(variant.Type));
            Collect(variant.Description, visited, found);
        }
    }

    /// <summary>One pass over the JSON of an answer.</summary>
    private sealed class Walk(AnswerFilter filter, DocumentDecision decide)
    {
        public bool HasChanged { get; private set; }

        /// <exception cref="AccessDeniedException">The JSON may contain a document that cannot be found.</exception>
        public void Visit(JsonNode? json, Type type)
        {
            type = Nullable.GetUnderlyingType(type) ?? type;
            if (json is null || filter.ReadModelsIn(type).Count == 0)
                return;
            var isDocument = filter.ReadModelsOf(type).Count > 0;
            var isHandled = isDocument && json is JsonObject;
            if (isHandled)
                VisitDocument((JsonObject)json, type);
            if (filter.Model.Describe(type) is { } description
                && (isDocument || description.Form == TypeForm.Polymorphic || !filter.IsBaseOfDocuments(type)))
                isHandled |= Visit(json, description);
            if (!isHandled && (isDocument || json is not JsonValue))
                throw new AccessDeniedException(
                    type.Name, "members must be left out, and the answer can contain them anywhere.", true);
        }

        /// <summary>Returns whether the description was sufficient to find all documents.</summary>
        private bool Visit(JsonNode json, TypeDescription description)
        {
            switch (description.Form)
            {
                case TypeForm.Object when json is JsonObject item:
                    foreach (var member in description.Members)
                        Visit(item[member.Name], member.Type);
                    return true;
                case TypeForm.Value when description.Inner is { } inner:
                    Visit(json, inner);
                    return true;
                case TypeForm.List when json is JsonArray list && description.Inner is { } inner:
                    foreach (var item in list)
                        Visit(item, inner);
                    return true;
                case TypeForm.Map when json is JsonObject map && description.Inner is { } inner:
                    foreach (var (_, item) in map.ToArray())
                        Visit(item, inner);
                    return true;
                case TypeForm.Polymorphic when json is JsonObject item:
                    return VisitVariant(item, description);
                default:
                    return false;
            }
        }

        private bool VisitVariant(JsonObject item, TypeDescription description)
        {
            var name = description.Discriminator is { } discriminator ? item[discriminator]?.ToString() : null;
            foreach (var variant in description.Variants)
            {
                if (variant.Discriminator?.ToString() != name)
                    continue;
                VisitDocument(item, variant.Type);
                return Visit(item, variant.Description);
            }
            return false;
        }

        private void VisitDocument(JsonObject document, Type type)
        {
            if (filter.LimitsOf(document, type, decide) is not { IsNone: false } limits)
                return;
            foreach (var member in limits.Hidden)
                HasChanged |= document.Remove(member);
            foreach (var member in limits.Masked)
            {
                if (document[member] is not { } value)
                    continue;
                HasChanged = true;
                if (value.GetValueKind() == JsonValueKind.String)
                    document[member] = Mask;
                else
                    document.Remove(member);
            }
        }
    }

    private bool IsBaseOfDocuments(Type type) =>
        Names(model, projection => type.IsAssignableFrom(projection.DocumentType)).Any();

    /// <summary>Returns the limits of a document; null if the type is not a type of documents.</summary>
    private MemberLimits? LimitsOf(JsonObject document, Type type, DocumentDecision decide)
    {
        MemberLimits? limits = null;
        AccessDeniedException? denied = null;
        foreach (var readModel in ReadModelsOf(type))
        {
            try
            {
                var found = decide(readModel, member => MemberText.Of(document, member)).Limits;
                limits = limits?.CombineWith(found) ?? found;
            }
            catch (AccessDeniedException exception) // Another read model may have the same type of documents.
            {
                denied ??= exception;
            }
        }
        return limits ?? (denied is null ? null : throw denied);
    }
}
