using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Millrace.AspNetCore.Access;
using Millrace.AspNetCore.Auditing;

namespace Millrace.AspNetCore.Operators;

/// <summary>
/// Maps the routes for operators with a common prefix, an authorization policy, OpenAPI descriptions and uniform
/// errors.
/// </summary>
/// <param name="endpoints">The routes of the application.</param>
/// <param name="options">The options.</param>
/// <param name="action">The operator action that access control requires; null if the routes check another
/// permission.</param>
internal sealed class OperatorRoutes(
    IEndpointRouteBuilder endpoints, MillraceEndpointOptions options, string? action = null)
{
    private const string Tag = "millrace";

    private readonly OperatorRouteMetadata _metadata = new(options.Prefix.TrimEnd('/'), action);

    /// <summary>Gets the prefix of the routes, such as <c>/millrace</c>.</summary>
    public string Prefix { get; } = options.Prefix.TrimEnd('/');

    /// <summary>Gets whether operators may make decisions.</summary>
    public bool AllowsDecisions { get; } = options.AllowDecisions;

    /// <summary>Returns the same routes for another operator action.</summary>
    public OperatorRoutes For(string action) => new(endpoints, options, action);

    public IServiceProvider Services => endpoints.ServiceProvider;

    /// <summary>Maps a route that only reads.</summary>
    public void MapRead(string pattern, RequestDelegate handle, OperatorOperation operation) =>
        Map(HttpMethods.Get, pattern, new ConcealingHandler(handle).Handle, operation, action);

    /// <summary>Maps a route for a simulation, which changes nothing.</summary>
    public void Try(string pattern, RequestDelegate handle, OperatorOperation operation) =>
        Map(HttpMethods.Post, pattern, handle, operation, action);

    /// <summary>Maps a route that changes something, if decisions are allowed.</summary>
    public void Decide(string method, string pattern, RequestDelegate handle, OperatorOperation operation)
    {
        if (!AllowsDecisions)
            return;
        Map(
            method,
            pattern,
            handle,
            operation,
            action is null ? null : action + OperatorActions.DecideSuffix,
            onlyReads: false);
    }

    private void Map(
        string method,
        string pattern,
        RequestDelegate handle,
        OperatorOperation operation,
        string? operatorAction,
        bool onlyReads = true)
    {
        if (!HttpMethods.IsGet(method))
            handle = new CrossSiteFilter(handle, options.TrustedOrigins).Handle;
        var isChecked = new AccessFilter(handle, operatorAction);
        var route = new AuditedOperator($"operator.{method} {pattern}", Prefix);
        var repeated = new RepeatedEntries(Services.GetService<TimeProvider>() ?? TimeProvider.System);
        var audited = new OperatorAudit(route, isChecked.Handle, onlyReads, operation.ShowsData, repeated);
        RequestDelegate guarded = new ProblemEndpointFilter(audited.Handle).Handle;
        var mapped = endpoints.MapMethods(Prefix + pattern, [method], guarded)
            .WithDisplayName($"{method} {Prefix}{pattern}")
            .WithMetadata(guarded.Method)
            .WithMetadata(route)
            .WithMetadata(_metadata)
            .WithTags(Tag);
        if (options.OperatorPolicy is { Length: > 0 } policy)
            mapped.RequireAuthorization(policy);
        if (operation.Body is { } body)
            mapped.WithMetadata(new AcceptsMetadata(["application/json"], body, isOptional: true));
        mapped.WithMetadata(operation.Answer is { } answer
            ? new ProducesResponseTypeMetadata(operation.Status, answer, ["application/json"])
            : new ProducesResponseTypeMetadata(operation.Status, typeof(void)));
        mapped.AddOpenApiOperationTransformer(operation.Describe);
    }

    /// <summary>Checks the operator action.</summary>
    private sealed class AccessFilter(RequestDelegate handle, string? operatorAction)
    {
        public async Task Handle(HttpContext http)
        {
            if (operatorAction is not null)
                await EndpointAccess.Demand(http, AccessPermission.Operate(operatorAction)).ConfigureAwait(false);
            await handle(http).ConfigureAwait(false);
        }
    }

    /// <summary>Hides the values of marked members from a user who may not read them.</summary>
    private sealed class ConcealingHandler(RequestDelegate handle)
    {
        public async Task Handle(HttpContext http)
        {
            if (await EndpointAccess.MayReadPersonalData(http).ConfigureAwait(false))
            {
                await handle(http).ConfigureAwait(false);
                return;
            }
            http.Response.Headers[MillraceHeaders.Concealed] = "personal-data";
            using (ProtectedValues.Conceal())
                await handle(http).ConfigureAwait(false);
        }
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
