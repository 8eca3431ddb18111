using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Millrace.AspNetCore.Binding;

/// <summary>
/// The path of a request's target, unescaped as by the server, with a marker for each slash that was sent as
/// <c>%2F</c>.
/// </summary>
internal static class RawRequestPath
{
    private const string Slash = "%2F";

    /// <summary>
    /// The marker is as long as the escaped slash, so that offsets are the same. The marker consists of NUL characters,
    /// which servers reject in paths.
    /// </summary>
    private const string Mark = "\0\0\0";

    /// <summary>
    /// Returns the segments after the path base, or null if the routed path differs from the request target.
    /// </summary>
    public static string[]? Segments(HttpContext http)
    {
        if (PathOf(http.Features.Get<IHttpRequestFeature>()?.RawTarget) is not { } raw)
            return null;
        var path = WithoutDotSegments(
            Uri.UnescapeDataString(raw.Replace(Slash, Mark, StringComparison.OrdinalIgnoreCase)));
        var start = http.Request.PathBase.Value ?? "";
        var routed = http.Request.Path.Value ?? "";
        return
            string.Equals(RestoreSlashes(path), start + routed, StringComparison.OrdinalIgnoreCase)
            && path.Length > start.Length
            ? path[(start.Length + 1)..].Split('/')
            : null;
    }

    /// <summary>Returns the text in the form of a route value, with <c>%2F</c> for an escaped slash.</summary>
    public static string RestoreSlashes(string text) => text.Replace(Mark, Slash, StringComparison.Ordinal);

    /// <summary>Returns the fully unescaped text, with slashes.</summary>
    public static string Unescaped(string text) => text.Replace(Mark, "/", StringComparison.Ordinal);

    /// <summary>
    /// Returns the path of a target such as <c>/a?b=1</c> or <c>http://host/a?b=1</c>. Returns null for other forms.
    /// </summary>
    private static string? PathOf(string? target)
    {
        if (string.IsNullOrEmpty(target))
            return null;
        if (target[0] != '/')
        {
            var authority = target.IndexOf("://", StringComparison.Ordinal);
            var slash = authority < 0 ? -1 : target.IndexOf('/', authority + 3);
            if (slash < 0)
                return null;
            target = target[slash..];
        }
        return target.Split('?', 2)[0];
    }

    private static string WithoutDotSegments(string path)
    {
        if (!path.Contains("/.", StringComparison.Ordinal))
            return path;
        var kept = new List<string>();
        var segments = path[1..].Split('/');
        for (var i = 0; i < segments.Length; i++)
        {
            var isDots = segments[i] is "." or "..";
            if (segments[i] == ".." && kept.Count > 0)
                kept.RemoveAt(kept.Count - 1);
            if (!isDots)
                kept.Add(segments[i]);
            else if (i == segments.Length - 1)
                kept.Add("");
        }
        return "/" + string.Join('/', kept);
    }
}
