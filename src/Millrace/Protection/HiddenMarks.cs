using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Millrace.Protection;

/// <summary>
/// Finds marks on members that a JSON converter hides, so that metadata of System.Text.Json does not contain them.
/// </summary>
internal sealed class HiddenMarks
{
    private const BindingFlags Members =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private readonly HashSet<Type> _searched = [];

    private HiddenMarks()
    {
    }

    /// <summary>
    /// Gets whether the members of types can be inspected. Calls behind this guard are removed when an application is
    /// trimmed, and the value is then false.
    /// </summary>
    [FeatureGuard(typeof(RequiresUnreferencedCodeAttribute))]
#pragma warning disable IL4000 // The analyzer cannot know that the value is false in trimmed applications.
    internal static bool HasMembers => RuntimeFeature.IsDynamicCodeSupported;
#pragma warning restore IL4000

    /// <summary>Returns why values of a hidden type may be marked; null if they are not.</summary>
    public static string? Find(Type type) =>
        !HasMembers ? FindWithoutMembers(type)
        : new HiddenMarks().FindMember(type) is { } member
            ? $"hides the member {member}, which has [PersonalData] or [Secret]"
        : null;

    /// <summary>
    /// Returns the result for an application without the members of its types. Value types are ids and other single
    /// values. Types of the platform have no marks.
    /// </summary>
    internal static string? FindWithoutMembers(Type type) =>
        PartsOf(type) is { Length: > 0 } parts && IsOfPlatform(type)
            ? parts.Select(FindWithoutMembers).FirstOrDefault(static problem => problem is not null)
        : type.IsValueType || IsOfPlatform(type) ? null
        : "hides its members, which a trimmed application cannot inspect";

    /// <summary>Returns the types of items: those of an array, and the arguments of a generic type.</summary>
    private static Type[] PartsOf(Type type) =>
        type.GetElementType() is { } element ? [element] : type.GetGenericArguments();

    [RequiresUnreferencedCode("Inspects the members of types.")]
    private string? FindMember(Type type)
    {
        if (PartsOf(type).Select(FindMember).FirstOrDefault(static found => found is not null) is { } inPart)
            return inPart;
        if (type.IsEnum || type.IsGenericParameter || IsOfPlatform(type) || !_searched.Add(type))
            return null;
        return FindDeclared(type)
            ?? (type.BaseType is { } parent ? FindMember(parent) : null)
            ?? DerivedTypes(type).Select(FindMember).FirstOrDefault(static found => found is not null);
    }

    [RequiresUnreferencedCode("Inspects the members of types.")]
    private string? FindDeclared(Type type)
    {
        var properties = type.GetProperties(Members);
        var fields = type.GetFields(Members);
        var parameters = type.GetConstructors(Members).SelectMany(static constructor => constructor.GetParameters());
        var marked = properties.FirstOrDefault(MarkAttributes.AreOn)?.Name
            ?? fields.FirstOrDefault(MarkAttributes.AreOn)?.Name
            ?? parameters.FirstOrDefault(MarkAttributes.AreOn)?.Name;
        return marked is not null
            ? $"{type.Name}.{marked}"
            : properties.Select(static property => property.PropertyType)
                .Concat(fields.Select(static field => field.FieldType))
                .Select(FindMember)
                .FirstOrDefault(static found => found is not null);
    }

    /// <summary>Returns the derived types in the same assembly, because a converter may write them.</summary>
    [RequiresUnreferencedCode("Inspects the types of an assembly.")]
    private static IEnumerable<Type> DerivedTypes(Type type)
    {
        if (type.IsSealed)
            return [];
        Type?[] types;
        try
        {
            types = type.Assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException exception)
        {
            types = exception.Types; // Types whose base types are missing cannot be values.
        }
        return types.OfType<Type>().Where(other => other != type && type.IsAssignableFrom(other));
    }

    internal static bool IsOfPlatform(Type type) =>
        type.Assembly == typeof(HiddenMarks).Assembly
        || type.Assembly.GetName().Name is { } name
            && (name is "mscorlib" or "netstandard" or "System"
                || name.StartsWith("System.", StringComparison.Ordinal)
                || name.StartsWith("Microsoft.", StringComparison.Ordinal));
}
