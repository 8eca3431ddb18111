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
    public static bool MaskAt(JsonObject document, string path) => Visit(document, path, static (item, name) =>
    {
        if (item[name] is not { } value)
            return false;
        if (value.GetValueKind() == JsonValueKind.String)
            item[name] = Mask;
        else
            item.Remove(name);
        return true;
    });

    private static bool Visit(JsonNode? node, string path, Func<JsonObject, string, bool> change)
    {
        switch (node)
        {
            case JsonArray list:
                var hasChanged = false;
                foreach (var item in list)
                    hasChanged |= Visit(item, path, change);
                return hasChanged;
            case JsonObject item when path == MemberPaths.EachValue || item.ContainsKey(path):
                return VisitNamed(item, path, change);
            case JsonObject item when path.IndexOf(MemberLimits.Separator, StringComparison.Ordinal) is > 0 and var dot:
                return VisitBelow(item, path[..dot], path[(dot + 1)..], change);
            default:
                return false;
        }
    }

    private static bool VisitNamed(JsonObject item, string name, Func<JsonObject, string, bool> change)
    {
        if (name != MemberPaths.EachValue)
            return change(item, name);
        var hasChanged = false;
        foreach (var (key, _) in item.ToArray())
            hasChanged |= change(item, key);
        return hasChanged;
    }

    private static bool VisitBelow(
        JsonObject item, string name, string rest, Func<JsonObject, string, bool> change)
    {
        if (name != MemberPaths.EachValue)
            return Visit(item[name], rest, change);
        var hasChanged = false;
        foreach (var (_, value) in item.ToArray())
            hasChanged |= Visit(value, rest, change);
        return hasChanged;
    }
}
