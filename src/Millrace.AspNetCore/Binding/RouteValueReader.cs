using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Millrace.AspNetCore.Binding;

/// <summary>Reads a route value and unescapes it exactly once, including slashes.</summary>
/// <remarks>
/// Before routing, ASP.NET Core unescapes all characters of a path except <c>%2F</c>, because a slash separates
/// segments. A route value is therefore <c>%2F</c> both for an escaped slash (<c>%2F</c>) and for the escaped text
/// <c>%2F</c> (<c>%252F</c>). This class reads the raw request target, which distinguishes the two.
/// </remarks>
internal static class RouteValueReader
{
    private const string Slash = "%2F";

    /// <summary>Returns the value of a route parameter, or null if the route has no such value.</summary>
    public static string? Of(HttpContext http, string parameter)
    {
        if (http.Request.RouteValues[parameter] is not string value)
            return null;
        if (!value.Contains(Slash, StringComparison.OrdinalIgnoreCase))
            return value;
        return FindInTarget(http, parameter, value) ?? value.Replace(Slash, "/", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>
    /// Returns the value in the request's target, or null if middleware changed the path before routing.
    /// </summary>
    private static string? FindInTarget(HttpContext http, string parameter, string value)
    {
        if ((http.GetEndpoint() as RouteEndpoint)?.RoutePattern is not { } pattern
            || RawRequestPath.Segments(http) is not { } segments)
            return null;
        for (var i = 0; i < pattern.PathSegments.Count; i++)
        {
            if (pattern.PathSegments[i].Parts.OfType<RoutePatternParameterPart>().FirstOrDefault(IsMeant)
                is not { } part)
                continue;
            if (i >= segments.Length)
                return null;
            var text = part.IsCatchAll
                ? string.Join('/', segments[i..])
                : Cut(http, pattern.PathSegments[i], part, segments[i], value.Length);
            return
                text is not null
                && string.Equals(RawRequestPath.RestoreSlashes(text), value, StringComparison.OrdinalIgnoreCase)
                ? RawRequestPath.Unescaped(text)
                : null;
        }
        return null;

        bool IsMeant(RoutePatternParameterPart part) =>
            string.Equals(part.Name, parameter, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>
    /// Returns the value of one parameter of a segment. A segment can have several parameters, as in
    /// <c>{name}.{extension}</c>.
    /// </summary>
    private static string? Cut(
        HttpContext http, RoutePatternPathSegment segment, RoutePatternParameterPart wanted, string text, int length)
    {
        if (segment.IsSimple)
            return text;
        var at = 0;
        foreach (var part in segment.Parts.TakeWhile(part => part != wanted))
        {
            at += part switch
            {
                RoutePatternLiteralPart literal => literal.Content.Length,
                RoutePatternSeparatorPart separator => separator.Content.Length,
                RoutePatternParameterPart other => (http.Request.RouteValues[other.Name] as string ?? "").Length,
                _ => 0,
            };
        }
        return at + length <= text.Length ? text.Substring(at, length) : null;
    }
}
