using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Security;

namespace Millrace.Hosting.Access;

/// <summary>Leaves out and masks the members of documents at paths.</summary>
internal static class MemberRemover
{
    private const string Mask = "***";

    /// <summary>Removes a member. Returns whether it existed.</summary>
    public static bool Hide(JsonObject document, string path) =>
        Visit(document, path, static (item, name) => item.Remove(name));

    /// <summary>Masks a text, and removes another value. Returns whether it existed.</summary>
    public static bool MaskAt(JsonObject document, string path) => Visit(document, path, MaskMember);

    /// <summary>Removes the members whose name is a path with this last name, such as <c>address.street</c>.</summary>
    public static bool HideFlattened(JsonObject item, string name) =>
        VisitNamed(item, FlattenedIn(item, name), static (item, name) => item.Remove(name));

    /// <summary>Masks the members whose name is a path with this last name.</summary>
    public static bool MaskFlattened(JsonObject item, string name) =>
        VisitNamed(item, FlattenedIn(item, name), MaskMember);

    /// <summary>Returns the last name of a path.</summary>
    public static string LastName(string path) => path[(path.LastIndexOf(MemberPattern.Separator) + 1)..];

    private static bool MaskMember(JsonObject item, string name)
    {
        if (item[name] is not { } value)
            return false;
        if (value.GetValueKind() == JsonValueKind.String)
            item[name] = Mask;
        else
            item.Remove(name);
        return true;
    }

    private static bool Visit(JsonNode? node, string path, Func<JsonObject, string, bool> change)
    {
        var hasChanged = false;
        if (node is JsonArray list)
        {
            foreach (var item in list)
                hasChanged |= Visit(item, path, change);
        }
        else if (node is JsonObject item)
        {
            hasChanged = VisitNamed(item, NamesIn(item, path), change); // A name can contain the separator.
            if (path.IndexOf(MemberPattern.Separator, StringComparison.Ordinal) is > 0 and var dot)
                hasChanged |= VisitBelow(item, path[..dot], path[(dot + 1)..], change);
        }
        return hasChanged;
    }

    private static bool VisitNamed(JsonObject item, List<string> names, Func<JsonObject, string, bool> change)
    {
        var hasChanged = false;
        foreach (var name in names)
            hasChanged |= change(item, name);
        return hasChanged;
    }

    private static bool VisitBelow(
        JsonObject item, string name, string rest, Func<JsonObject, string, bool> change)
    {
        var hasChanged = false;
        foreach (var each in NamesIn(item, name))
            hasChanged |= Visit(item[each], rest, change);
        return hasChanged;
    }

    private static List<string> FlattenedIn(JsonObject item, string name) =>
    [
        .. item.Select(static member => member.Key).Where(key =>
            key.Contains(MemberPattern.Separator) && MemberPattern.IsSame(LastName(key), name)),
    ];

    /// <summary>Returns the names of the members that a name in a path means, in any naming convention.</summary>
    private static List<string> NamesIn(JsonObject item, string name)
    {
        var names = new List<string>();
        foreach (var (key, _) in item)
        {
            if (name == MemberPattern.Any || MemberPattern.IsSame(key, name))
                names.Add(key);
        }
        return names;
    }
}
