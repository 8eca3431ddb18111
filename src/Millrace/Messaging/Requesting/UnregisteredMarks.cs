using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Millrace.Protection;
using Millrace.Serialization;

namespace Millrace.Messaging.Requesting;

/// <summary>
/// Finds marked members of requests and answers that the model did not register, which would be sent plain. The
/// generator registers the marks of the types that it finds, but not those of a hand-written model.
/// </summary>
internal sealed class UnregisteredMarks
{
    private readonly HashSet<Type> _withoutMarks = []; // Or being searched.

    private UnregisteredMarks()
    {
    }

    /// <exception cref="ProtectedValueException">A member of the request has a mark that is not registered, or a
    /// converter hides the members.</exception>
    public static void RefuseRequest(IRequestCatalog model, Type type)
    {
        if (model.Json.TryGetTypeInfo(type, out var json) && model.MarksOf(type) is null && IsHidden(json))
            throw new ProtectedValueException(
                type.Name,
                "its JSON converter hides its members, so that marks cannot be found. Implement "
                    + $"{nameof(IDescribedConverter)} in the converter, or register a mark: "
                    + $"model.ProtectMessage<{type.Name}>(…). {ToSendPlain}");
        Refuse(model, type);
    }

    /// <exception cref="ProtectedValueException">A member of the type has a mark that is not registered.</exception>
    public static void Refuse(IRequestCatalog model, Type type)
    {
        if (!model.Json.TryGetTypeInfo(type, out var json))
            return;
        var marks = model.MarksOf(type);
        if (new UnregisteredMarks().Find(json, "", marks) is { } path)
            throw new ProtectedValueException(
                type.Name,
                $"its member {path} has [PersonalData] or [Secret], but the model does not know this mark, so the "
                    + "value would be sent plain. Declare the request in the project of the [Model] class, or register "
                    + $"the mark: model.ProtectMessage<{type.Name}>(new ProtectedMember(\"{path}\") {{ … }}). If the "
                    + $"type contains itself, register the outermost member. {ToSendPlain}");
    }

    private static string ToSendPlain =>
        $"To send plain values, set {nameof(TransportOptions.PublishesDecrypted)} of the transport.";

    /// <summary>Returns whether a converter of the application writes the type, without a description.</summary>
    private static bool IsHidden(JsonTypeInfo json) =>
        json.Kind == JsonTypeInfoKind.None
        && (json.Converter is IDescribedConverter described
            ? described.Describe().Form == TypeForm.Any
            : json.Converter.GetType().Assembly != typeof(JsonConverter).Assembly);

    /// <summary>Returns the path of the first such member; null if there is none.</summary>
    private string? Find(JsonTypeInfo json, string path, MarkNode? marks)
    {
        if (marks?.Mark is not null)
            return null;
        // Each step goes down in the registered marks, which end. After them, any mark inside is missing.
        if (marks is null && !_withoutMarks.Add(json.Type))
            return null;
        foreach (var part in PartsOf(json))
        {
            var partPath = part.Name is null ? path : $"{path}/{part.Name}";
            var inside = part.Name is null ? marks : marks?.Next(JsonPathStack.Unescape(part.Name));
            if (part.IsMarked && inside?.Mark is null)
                return partPath;
            if (part.Name is null && part.Type == json.Type)
                continue;
            if (json.Options.TryGetTypeInfo(Nullable.GetUnderlyingType(part.Type) ?? part.Type, out var type)
                && Find(type, partPath, inside) is { } found)
                return found;
        }
        return null;
    }

    private static IEnumerable<Part> PartsOf(JsonTypeInfo json)
    {
        foreach (var member in json.Properties)
            yield return new Part(JsonPathStack.Escape(member.Name), member.PropertyType, MarkAttributes.AreOn(member));
        if (json.ElementType is { } element)
            yield return new Part("*", element, false);
        foreach (var derived in json.PolymorphismOptions?.DerivedTypes ?? [])
            yield return new Part(null, derived.DerivedType, false);
        if (json.Kind != JsonTypeInfoKind.None || json.Converter is not IDescribedConverter described)
            yield break;
        foreach (var part in PartsOf(described.Describe()))
            yield return part;
    }

    private static IEnumerable<Part> PartsOf(TypeDescription description)
    {
        var members = description.Members.Select(static member =>
            new Part(JsonPathStack.Escape(member.Name), member.Type, member.IsMarked));
        IEnumerable<Part> items = description is { Form: TypeForm.List or TypeForm.Map, Inner: { } inner }
            ? [new Part("*", inner, false)]
            : [];
        return members
            .Concat(items)
            .Concat(description.Variants.SelectMany(static variant => PartsOf(variant.Description)));
    }

    /// <summary>A value inside a value.</summary>
    /// <param name="Name">The segment of its path; null for a derived type.</param>
    /// <param name="Type">Its type.</param>
    /// <param name="IsMarked">True if it has a mark.</param>
    private readonly record struct Part(string? Name, Type Type, bool IsMarked);
}
