using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Model;
using Millrace.Security;
using Millrace.Serialization;

namespace Millrace.Hosting.Access;

/// <summary>
/// Finds the documents of read models in answers by their types, and leaves out and masks members in their JSON.
/// </summary>
internal sealed class AnswerFilter(ModelCatalog model) : IAnswerFilter
{
    private readonly DocumentTypes _types = new(model);
    private readonly MemberPaths _paths = new(model);

    private ModelCatalog Model => model;

    public IReadOnlyList<string> ReadModelsIn(Type type) => _types.In(type);

    public IReadOnlyList<string> ReadModelsOf(Type type) => _types.Of(type);

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

    /// <summary>One pass over the JSON of an answer.</summary>
    private sealed class Walk(AnswerFilter filter, DocumentDecision decide)
    {
        private bool _isInDocument;

        public bool HasChanged { get; private set; }

        /// <exception cref="AccessDeniedException">The JSON may contain a document that cannot be found.</exception>
        public void Visit(JsonNode? json, Type type)
        {
            type = Nullable.GetUnderlyingType(type) ?? type;
            if (json is null || filter.ReadModelsIn(type).Count == 0)
                return;
            if (DocumentTypes.IsJson(type))
            {
                if (!_isInDocument) // Otherwise, the JSON is a part of a document that the user may view.
                    VisitAnyJson(json);
                return;
            }
            var isDocument = filter.ReadModelsOf(type).Count > 0;
            var isHandled = isDocument && json is JsonObject;
            var wasInDocument = _isInDocument;
            _isInDocument |= isHandled;
            if (isHandled)
                VisitDocument((JsonObject)json, type);
            if (filter.Model.Describe(type) is { } description
                && (isDocument || description.Form == TypeForm.Polymorphic || !filter._types.IsBaseOfDocuments(type)))
                isHandled |= Visit(json, description);
            _isInDocument = wasInDocument;
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
                _isInDocument |= filter.ReadModelsOf(variant.Type).Count > 0;
                VisitDocument(item, variant.Type);
                return Visit(item, variant.Description);
            }
            return false;
        }

        private void VisitDocument(JsonObject document, Type type)
        {
            if (filter.LimitsOf(document, type, decide) is { IsNone: false } limits)
                Apply(limits, document);
        }

        private void Apply(MemberLimits limits, JsonObject document)
        {
            foreach (var path in limits.Hidden)
                HasChanged |= MemberRemover.Hide(document, path);
            foreach (var path in limits.Masked)
                HasChanged |= MemberRemover.MaskAt(document, path);
        }

        /// <summary>
        /// Limits JSON of any form. Every object can be a document or a part of it, so that a limited path and its last
        /// name are left out of all objects.
        /// </summary>
        /// <exception cref="AccessDeniedException">The user may not view all documents of a read model, or parts of a
        /// limited member cannot be recognized.</exception>
        private void VisitAnyJson(JsonNode json)
        {
            var all = MemberLimits.None;
            foreach (var readModel in filter.ReadModelsIn(typeof(JsonNode)))
            {
                var limits = decide(readModel, static _ => null).Limits;
                if (limits.Hidden.Concat(limits.Masked).FirstOrDefault(
                    path => filter.CanHaveMembers(readModel, path)) is { } unrecognized)
                    throw FreeForm($"{readModel}.{unrecognized}");
                all = MemberLimits.Of(
                    [.. all.Hidden, .. limits.Hidden, .. limits.Hidden.Select(MemberRemover.LastName)],
                    [.. all.Masked, .. limits.Masked, .. limits.Masked.Select(MemberRemover.LastName)]);
            }
            if (!all.IsNone)
                VisitAnyJson(json, all, isMember: false);
        }

        /// <summary>Limits a part of JSON. Without the name of its member, a value can be a limited one.</summary>
        private void VisitAnyJson(JsonNode? json, MemberLimits limits, bool isMember)
        {
            switch (json)
            {
                case JsonObject item:
                    Apply(limits, item);
                    foreach (var path in limits.Hidden)
                        HasChanged |= MemberRemover.HideFlattened(item, path);
                    foreach (var path in limits.Masked)
                        HasChanged |= MemberRemover.MaskFlattened(item, path);
                    foreach (var (_, value) in item.ToArray())
                        VisitAnyJson(value, limits, isMember: true);
                    break;
                case JsonArray list:
                    foreach (var value in list)
                        VisitAnyJson(value, limits, isMember);
                    break;
                case JsonValue when !isMember:
                    throw FreeForm("members of documents");
            }
        }

        private static AccessDeniedException FreeForm(string members) => new(
            nameof(JsonNode),
            $"{members} must be left out or masked, and cannot be recognized in JSON of any form: declare an answer of "
                + "the type of the documents, or of a type that contains them.",
            isAuthenticated: true);
    }

    /// <summary>Returns whether the value of a limited member can have members, which have other names.</summary>
    private bool CanHaveMembers(string readModel, string path) =>
        path.EndsWith(MemberPattern.Any, StringComparison.Ordinal)
        || model.Projections.Any(projection =>
            projection.Name == readModel && _paths.CanHaveMembers(projection.DocumentType, path));

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
