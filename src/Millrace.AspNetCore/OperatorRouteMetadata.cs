namespace Millrace.AspNetCore;

/// <summary>Marks the endpoints of the routes for operators, so that a package with a page can find them.</summary>
public sealed class OperatorRouteMetadata
{
    internal OperatorRouteMetadata(string prefix, string? action) => (Prefix, Action) = (prefix, action);

    /// <summary>Gets the prefix of the routes, such as <c>/millrace</c>.</summary>
    public string Prefix { get; }

    /// <summary>Gets the operator action of the route; null if it requires another permission.</summary>
    internal string? Action { get; }
}
