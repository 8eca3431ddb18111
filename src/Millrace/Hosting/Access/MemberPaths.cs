using Millrace.Security;
using Millrace.Serialization;
using Millrace.Shared.Settings;

namespace Millrace.Hosting.Access;

/// <summary>
/// Finds the members of documents by paths such as <c>address.street</c>. In a list, the path means the member of each
/// item. In a map, <c>*</c> means each value.
/// </summary>
internal sealed class MemberPaths(ModelCatalog model)
{
    /// <summary>The types, besides numbers, whose JSON is a text or a number.</summary>
    private static readonly HashSet<Type> Texts =
    [
        typeof(string), typeof(decimal), typeof(Half), typeof(Int128), typeof(UInt128), typeof(Guid), typeof(DateTime),
        typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan), typeof(Uri), typeof(Version),
        typeof(byte[]),
    ];

    /// <summary>Returns the path with the names in JSON; the path itself if a member is not found.</summary>
    public string NameOf(Type document, string path) => Find(document, path).Path ?? path;

    /// <summary>Returns the problem of a path whose members do not exist; null for no problem.</summary>
    public string? FindProblem(Type document, string readModel, string path)
    {
        var (found, name, known, _) = Find(document, path);
        return found == path ? null
            : NameSuggestions.To(name, known) is { } suggestion
                ? $"there is no attribute of {readModel} '{path}'; did you mean '{suggestion}'"
                    + (name == path ? "?" : $" instead of '{name}'?")
            : $"there is no attribute of {readModel} '{path}'";
    }

    /// <summary>Returns whether the value of a member can have members, or its type is not known.</summary>
    public bool CanHaveMembers(Type document, string path) =>
        Find(document, path).Places is not { Length: > 0 } places
        || places.Any(place => place is not { Form: TypeForm.Object, Members.Count: 0 });

    /// <summary>Returns whether the JSON of a type without a description is a text or a number.</summary>
    internal static bool IsTextOrNumber(Type type) => type.IsPrimitive || Texts.Contains(type);

    /// <summary>Returns the path; null with the name that was not found and the names at its place. Also
    /// returns the descriptions of the member's values, which are empty if they are not known.</summary>
    private (string? Path, string Name, IReadOnlyList<string> Known, TypeDescription[] Places) Find(
        Type document, string path)
    {
        var parts = path.Split(MemberPattern.Separator);
        TypeDescription[] places = [.. DescriptionsOf(document)];
        for (var i = 0; i < parts.Length; i++)
        {
            if (places.Length == 0)
                return (path, "", [], []); // The members are not known, for example because of a converter.
            if (parts[i] == MemberPattern.Any && Array.Exists(places, place => place.Form == TypeForm.Map))
            {
                places = [.. places.SelectMany(place => place.Inner is { } inner ? DescriptionsOf(inner) : [])];
                continue;
            }
            MemberDescription[] members = [.. places.SelectMany(place => place.Members)];
            if (Array.Find(members, member => string.Equals(
                member.Name, parts[i], StringComparison.OrdinalIgnoreCase)) is not { } found)
                return (null, parts[i], [.. members.Select(member => member.Name)], []);
            parts[i] = found.Name;
            places =
            [
                .. members.Where(member => member.Name == found.Name).SelectMany(member => DescriptionsOf(member.Type)),
            ];
        }
        return (string.Join(MemberPattern.Separator, parts), "", [], places);
    }

    /// <summary>Returns the descriptions of the objects and maps that a value of a type consists of.</summary>
    private IEnumerable<TypeDescription> DescriptionsOf(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        var description = model.Describe(type);
        while (description is { Form: TypeForm.List or TypeForm.Value, Inner: { } inner })
        {
            type = Nullable.GetUnderlyingType(inner) ?? inner;
            description = model.Describe(type);
        }
        if (description is null && IsTextOrNumber(type))
            return [new TypeDescription(TypeForm.Object)]; // A text or a number has no members.
        return description?.Form switch
        {
            TypeForm.Object or TypeForm.Map => [description],
            TypeForm.Polymorphic => description.Variants.Select(static variant => variant.Description),
            TypeForm.Value or TypeForm.Enumeration => [new TypeDescription(TypeForm.Object)], // Without members.
            _ => [],
        };
    }
}
