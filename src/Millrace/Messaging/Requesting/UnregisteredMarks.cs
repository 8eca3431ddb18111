using System.Text.Json.Serialization.Metadata;
using Millrace.Protection;

namespace Millrace.Messaging.Requesting;

/// <summary>
/// Finds marked members of requests and answers that the model did not register, which would be sent plain. The
/// generator registers the marks of the types that it finds, but not those of a hand-written model.
/// </summary>
internal static class UnregisteredMarks
{
    /// <exception cref="ProtectedValueException">A member of the type has a mark that is not registered.</exception>
    public static void Refuse(IRequestCatalog model, Type type)
    {
        if (!model.Json.TryGetTypeInfo(type, out var json) || Find(json, "", model.MarksOf(type), []) is not { } path)
            return;
        throw new ProtectedValueException(
            type.Name,
            $"its member {path} has [PersonalData] or [Secret], but the model does not know this mark, so the value "
                + "would be sent plain. Declare the request in the project of the [Model] class, or register the mark: "
                + $"model.ProtectMessage<{type.Name}>(new ProtectedMember(\"{path}\") {{ … }}). To send plain values, "
                + $"set {nameof(TransportOptions.PublishesDecrypted)} of the transport.");
    }

    /// <summary>Returns the path of the first such member; null if there is none.</summary>
    private static string? Find(JsonTypeInfo json, string path, MarkNode? marks, IReadOnlyList<Type> parents)
    {
        if (parents.Contains(json.Type) || marks?.Covers(path) == true)
            return null;
        Type[] inside = [.. parents, json.Type];
        foreach (var member in json.Properties)
        {
            var memberPath = $"{path}/{JsonPathStack.Escape(member.Name)}";
            if (HasMark(member) && marks?.Covers(memberPath) != true)
                return memberPath;
            if (FindInside(json, member.PropertyType, memberPath, marks, inside) is { } found)
                return found;
        }
        if (json.ElementType is { } element && FindInside(json, element, path + "/*", marks, inside) is { } item)
            return item;
        return (json.PolymorphismOptions?.DerivedTypes ?? [])
            .Select(derived => FindInside(json, derived.DerivedType, path, marks, inside))
            .FirstOrDefault(static found => found is not null);
    }

    private static string? FindInside(
        JsonTypeInfo json, Type type, string path, MarkNode? marks, IReadOnlyList<Type> parents) =>
        json.Options.TryGetTypeInfo(Nullable.GetUnderlyingType(type) ?? type, out var inside)
            ? Find(inside, path, marks, parents)
            : null;

    /// <summary>Returns whether a member, or the constructor parameter that declares it, has a mark.</summary>
    private static bool HasMark(JsonPropertyInfo member) =>
        IsMarked(member.AttributeProvider) || IsMarked(member.AssociatedParameter?.AttributeProvider);

    private static bool IsMarked(System.Reflection.ICustomAttributeProvider? attributes) =>
        attributes is not null
        && (attributes.IsDefined(typeof(PersonalDataAttribute), inherit: true)
            || attributes.IsDefined(typeof(SecretAttribute), inherit: true));
}
