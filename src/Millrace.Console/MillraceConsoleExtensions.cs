using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Millrace.AspNetCore;
using Millrace.WebConsole;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the console.</summary>
public static class MillraceConsoleExtensions
{
    private const int MaxTitle = 60;
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>
    /// Maps the console to <c>/console</c>. It uses the routes for operators, which <c>MapMillrace(options => …)</c>
    /// maps, and their authorization policy and permissions. It offers decisions only if these routes allow them.
    /// </summary>
    public static IEndpointConventionBuilder MapMillraceConsole(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapMillraceConsole(_ => { });

    /// <summary>Maps the console with options.</summary>
    /// <inheritdoc cref="MapMillraceConsole(IEndpointRouteBuilder)"/>
    /// <exception cref="ArgumentException">The path does not start with a slash, or has a parameter, or the title is
    /// empty or too long.</exception>
    public static IEndpointConventionBuilder MapMillraceConsole(
        this IEndpointRouteBuilder endpoints, Action<MillraceConsoleOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new MillraceConsoleOptions();
        configure(options);
        Check(options);
        var path = options.Path.TrimEnd('/');
        var endpoint = new ConsoleEndpoint(ConsoleFiles.Load(), options.Title);
        RequestDelegate handle = endpoint.Handle;
        return endpoints
            .MapMethods($"{path}/{{**{ConsoleEndpoint.Rest}}}", Methods, handle)
            .WithDisplayName($"GET {path} → Millrace console")
            .ExcludeFromDescription();
    }

    private static void Check(MillraceConsoleOptions options)
    {
        if (!options.Path.StartsWith('/') || options.Path.Contains('{', StringComparison.Ordinal))
            throw new ArgumentException(
                $"MapMillraceConsole: the Path '{options.Path}' must start with '/' and have no parameter.");
        if (string.IsNullOrWhiteSpace(options.Title) || options.Title.Length > MaxTitle)
            throw new ArgumentException($"MapMillraceConsole: the Title must have from 1 to {MaxTitle} characters.");
    }
}
