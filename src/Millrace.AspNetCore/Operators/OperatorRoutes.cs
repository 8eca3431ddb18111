using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Millrace.AspNetCore.Auditing;

namespace Millrace.AspNetCore.Operators;

/// <summary>
/// Maps the routes for operators with a common prefix, an authorization policy, OpenAPI descriptions and uniform
/// errors.
/// </summary>
internal sealed class OperatorRoutes(IEndpointRouteBuilder endpoints, MillraceEndpointOptions options, string policy)
{
    private const string Tag = "millrace";

    private readonly string _prefix = options.Prefix.TrimEnd('/');

    /// <summary>Gets whether operators may make decisions.</summary>
    public bool AllowsDecisions { get; } = options.AllowDecisions;

    public IServiceProvider Services => endpoints.ServiceProvider;

    /// <summary>Maps a route that only reads.</summary>
    public void MapRead(string pattern, RequestDelegate handle, OperatorOperation operation) =>
        Map(HttpMethods.Get, pattern, handle, operation);

    /// <summary>Maps a route for a simulation, which changes nothing.</summary>
    public void Try(string pattern, RequestDelegate handle, OperatorOperation operation) =>
        Map(HttpMethods.Post, pattern, handle, operation);

    /// <summary>Maps a route that changes something, if decisions are allowed.</summary>
    public void Decide(string method, string pattern, RequestDelegate handle, OperatorOperation operation)
    {
        if (!AllowsDecisions)
            return;
        var audited = new OperatorAudit($"operator.{method} {pattern}", _prefix, handle);
        Map(method, pattern, audited.Handle, operation);
    }

    private void Map(string method, string pattern, RequestDelegate handle, OperatorOperation operation)
    {
        RequestDelegate guarded = new ProblemEndpointFilter(handle).Handle;
        var mapped = endpoints.MapMethods(_prefix + pattern, [method], guarded)
            .WithDisplayName($"{method} {_prefix}{pattern}")
            .WithMetadata(guarded.Method)
            .WithTags(Tag)
            .RequireAuthorization(policy);
        if (operation.Body is { } body)
            mapped.WithMetadata(new AcceptsMetadata(["application/json"], body, isOptional: true));
        mapped.WithMetadata(operation.Answer is { } answer
            ? new ProducesResponseTypeMetadata(operation.Status, answer, ["application/json"])
            : new ProducesResponseTypeMetadata(operation.Status, typeof(void)));
        mapped.AddOpenApiOperationTransformer(operation.Describe);
    }

    /// <summary>Writes errors as ProblemDetails, even if the application does not.</summary>
    private sealed class ProblemEndpointFilter(RequestDelegate handle)
    {
        public async Task Handle(HttpContext http)
        {
            try
            {
                await handle(http).ConfigureAwait(false);
            }
            catch (Exception exception) when (HttpProblem.CanAnswer(http, exception, out var problem))
            {
                await ProblemWriter.Write(http, problem, exception).ConfigureAwait(false);
            }
        }
    }
}
