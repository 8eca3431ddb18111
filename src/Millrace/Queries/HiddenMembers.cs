using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Millrace.Protection;
using Millrace.Serialization;

namespace Millrace.Queries;

/// <summary>
/// Finds data of queries and answers that their JSON does not contain. Two queries that differ only in it would share
/// an answer, and other nodes would read answers without it.
/// </summary>
internal static class HiddenMembers
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic
        | BindingFlags.DeclaredOnly;

    /// <summary>
    /// Returns a field or property of a type, or of a type in its JSON, that holds data and has no counterpart in the
    /// JSON; null if there is none, or if the application is trimmed.
    /// </summary>
    public static string? Find(JsonTypeInfo root) => HiddenMarks.HasMembers
        ? CachedTypes.PartsOf(root).Select(FindIn).FirstOrDefault(static found => found is not null)
        : null;

    [RequiresUnreferencedCode("Inspects the members of types.")]
    private static string? FindIn(JsonTypeInfo info)
    {
        if (info.Converter is IDescribedConverter described)
        {
            var description = described.Describe();
            return FindIn(info.Type, description)
                ?? description.Variants
                    .Select(variant => FindIn(variant.Type, variant.Description))
                    .FirstOrDefault(static found => found is not null);
        }
        return info.Kind switch
        {
            JsonTypeInfoKind.Object => FindIn(
                info.Type,
                info.Properties.Where(static property => property.Get is not null).Select(static item => item.Name)),
            JsonTypeInfoKind.None => FindInValue(info.Type),
            _ => FindInCollection(info.Type),
        };
    }

    [RequiresUnreferencedCode("Inspects the members of types.")]
    private static string? FindIn(Type type, TypeDescription description) => description.Form switch
    {
        TypeForm.Object => FindIn(type, description.Members.Select(static member => member.Name)),
        TypeForm.List or TypeForm.Map => FindInCollection(type),
        TypeForm.Value => FindInValue(type),
        _ => null,
    };

    [RequiresUnreferencedCode("Inspects the members of types.")]
    private static string? FindIn(Type type, IEnumerable<string> names)
    {
        var written = names.Select(Normalize).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return FieldsOf(type)
            .Where(field => !NamesOf(field).Any(name => written.Contains(Normalize(name))))
            .Select(Describe)
            .FirstOrDefault();
    }

    /// <summary>A converter that writes a single value is assumed to write it. Nothing is known about others.</summary>
    [RequiresUnreferencedCode("Inspects the members of types.")]
    private static string? FindInValue(Type type) => FieldsOf(type).Skip(1).Select(Describe).FirstOrDefault();

    /// <summary>The fields of a collection are its items, except those of its properties.</summary>
    [RequiresUnreferencedCode("Inspects the members of types.")]
    private static string? FindInCollection(Type type) =>
        FieldsOf(type).Where(static field => PropertyOf(field) is not null).Select(Describe).FirstOrDefault();

    /// <summary>Returns all fields that hold data. Types of the platform have none, except tuples.</summary>
    [RequiresUnreferencedCode("Inspects the members of types.")]
    private static IEnumerable<FieldInfo> FieldsOf(Type type)
    {
        for (var declaring = type; declaring is not null && !type.IsEnum; declaring = declaring.BaseType)
        {
            if (HiddenMarks.IsOfPlatform(declaring) && !(type.IsValueType && type.IsAssignableTo(typeof(ITuple))))
                yield break;
            foreach (var field in declaring.GetFields(Own))
                yield return field;
        }
    }

    /// <summary>Returns the names that a field can have in JSON.</summary>
    [RequiresUnreferencedCode("Inspects the members of types.")]
    private static IEnumerable<string> NamesOf(FieldInfo field)
    {
        var name = PropertyOf(field) ?? field.Name;
        MemberInfo member = field.DeclaringType?.GetProperty(name, Own) is { } property ? property : field;
        if (member.GetCustomAttribute<JsonPropertyNameAttribute>() is { } renamed)
            yield return renamed.Name;
        else
            yield return name.StartsWith("m_", StringComparison.Ordinal) ? name[2..] : name;
    }

    /// <summary>Returns the property or the constructor parameter for which the compiler made a field.</summary>
    private static string? PropertyOf(FieldInfo field) =>
        field.Name.StartsWith('<') && field.Name.IndexOf('>', StringComparison.Ordinal) is > 1 and var end
            ? field.Name[1..end]
            : null;

    private static string Describe(FieldInfo field) =>
        $"{field.DeclaringType?.Name}.{PropertyOf(field) ?? field.Name}";

    /// <summary>Returns a name without what naming policies add.</summary>
    private static string Normalize(string name) => string.Concat(name.Where(char.IsLetterOrDigit));
}
