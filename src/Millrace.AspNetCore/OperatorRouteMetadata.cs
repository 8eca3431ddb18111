namespace Millrace.AspNetCore;

/// <summary>Marks the endpoints of the routes for operators, so that a package with a page can find them.</summary>
public sealed class OperatorRouteMetadata
{
    internal OperatorRouteMetadata(string prefix) => Prefix = prefix;

    /// <summary>Gets the prefix of the routes, such as <c>/millrace</c>.</summary>
    public string Prefix { get; }
}
