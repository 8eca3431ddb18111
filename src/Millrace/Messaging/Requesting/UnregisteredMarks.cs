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
                $"its JSON converter hides its members, so that marks cannot be found. {WaysOut(type)}");
        Refuse(model, type);
    }

    /// <exception cref="ProtectedValueException">A member of the type has a mark that is not registered, also one that
    /// a converter inside it hides.</exception>
    public static void Refuse(IRequestCatalog model, Type type)
    {
        if (!model.Json.TryGetTypeInfo(type, out var json)
            || new UnregisteredMarks().Find(json, "", model.MarksOf(type)) is not { } found)
            return;
        throw new ProtectedValueException(
            type.Name,
            found.Hidden is { } hidden
                ? $"at '{found.Path}', the JSON converter of {hidden.Type.Name} {hidden.Problem}. Its values would be "
                    + $"sent plain. {WaysOut(type)}"
                : $"its member {found.Path} has [PersonalData] or [Secret], but the model does not know this mark, so "
                    + "the value would be sent plain. Declare the request in the project of the [Model] class, or "
                    + $"register the mark: model.ProtectMessage<{type.Name}>(new ProtectedMember(\"{found.Path}\") "
                    + $"{{ … }}). If the type contains itself, register the outermost member. {ToSendPlain}");
    }

    private static string WaysOut(Type type) =>
        $"Implement {nameof(IDescribedConverter)} in the converter, or register a mark: "
            + $"model.ProtectMessage<{type.Name}>(…). {ToSendPlain}";

    private static string ToSendPlain =>
        $"To send plain values, set {nameof(TransportOptions.PublishesDecrypted)} of the transport.";

    /// <summary>Returns whether a converter of the application writes the type, without a description.</summary>
    private static bool IsHidden(JsonTypeInfo json) => json.Kind == JsonTypeInfoKind.None && IsHidden(json.Converter);

    private static bool IsHidden(JsonConverter converter) =>
        converter is IDescribedConverter described
            ? described.Describe().Form == TypeForm.Any
            : converter.GetType().Assembly != typeof(JsonConverter).Assembly;

    /// <summary>Returns the first value that would be sent plain; null if there is none.</summary>
    private Finding? Find(JsonTypeInfo json, string path, MarkNode? marks)
    {
        if (marks?.Mark is not null)
            return null;
        // Each step goes down in the registered marks, which end. After them, any mark inside is missing.
        if (marks is null && !_withoutMarks.Add(json.Type))
            return null;
        if (IsHidden(json))
            return FindHidden(json.Type, path, marks);
        foreach (var part in PartsOf(json))
        {
            if (Find(part, json, path, marks) is { } found)
                return found;
        }
        return null;
    }

    private Finding? Find(Part part, JsonTypeInfo json, string path, MarkNode? marks)
    {
        var partPath = part.Name is null ? path : $"{path}/{part.Name}";
        var inside = part.Name is null ? marks : marks?.Next(JsonPathStack.Unescape(part.Name));
        if (inside?.Mark is not null)
            return null;
        if (part.IsMarked)
            return new Finding(partPath, null);
        if (part.Converter is { } converter)
            return IsHidden(converter)
                ? FindHidden(part.Type, partPath, inside)
                : PartsOf(converter).Select(each => Find(each, json, partPath, inside)).FirstOrDefault(
                    static found => found is not null);
        if (part.Name is null && part.Type == json.Type)
            return null;
        return json.Options.TryGetTypeInfo(Nullable.GetUnderlyingType(part.Type) ?? part.Type, out var type)
            ? Find(type, partPath, inside)
            : null;
    }

    /// <summary>Returns the value of a type with hidden members, unless marks of it are registered.</summary>
    private static Finding? FindHidden(Type type, string path, MarkNode? marks) =>
        marks is null && HiddenMarks.Find(type) is { } problem ? new Finding(path, (type, problem)) : null;

    private static IEnumerable<Part> PartsOf(JsonTypeInfo json)
    {
        foreach (var member in json.Properties)
            yield return new Part(JsonPathStack.Escape(member.Name), member.PropertyType, MarkAttributes.AreOn(member))
            {
                Converter = member.CustomConverter,
            };
        if (json.ElementType is { } element)
            yield return new Part("*", element, false);
        foreach (var derived in json.PolymorphismOptions?.DerivedTypes ?? [])
            yield return new Part(null, derived.DerivedType, false);
        if (json.Kind != JsonTypeInfoKind.None)
            yield break;
        foreach (var part in PartsOf(json.Converter))
            yield return part;
    }

    private static IEnumerable<Part> PartsOf(JsonConverter converter) =>
        converter is IDescribedConverter described ? PartsOf(described.Describe()) : [];

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
    private readonly record struct Part(string? Name, Type Type, bool IsMarked)
    {
        /// <summary>Gets the converter of the member itself; null for the converter of its type.</summary>
        public JsonConverter? Converter { get; init; }
    }

    /// <summary>A value that would be sent plain.</summary>
    /// <param name="Path">Its path.</param>
    /// <param name="Hidden">The type whose converter hides the value, and why; null if it is not hidden.</param>
    private sealed record Finding(string Path, (Type Type, string Problem)? Hidden);
}
