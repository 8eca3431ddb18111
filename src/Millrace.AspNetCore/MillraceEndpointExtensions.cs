using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Millrace;
using Millrace.AspNetCore;
using Millrace.AspNetCore.Access;
using Millrace.AspNetCore.Alerting;
using Millrace.AspNetCore.Auditing;
using Millrace.AspNetCore.Business;
using Millrace.AspNetCore.Checking;
using Millrace.AspNetCore.Configuration;
using Millrace.AspNetCore.Consuming;
using Millrace.AspNetCore.DeadLettering;
using Millrace.AspNetCore.Erasing;
using Millrace.AspNetCore.Events;
using Millrace.AspNetCore.Explaining;
using Millrace.AspNetCore.Health;
using Millrace.AspNetCore.Live;
using Millrace.AspNetCore.Logging;
using Millrace.AspNetCore.Messaging;
using Millrace.AspNetCore.Metrics;
using Millrace.AspNetCore.OpenApi;
using Millrace.AspNetCore.Operators;
using Millrace.AspNetCore.ProcessManagers;
using Millrace.AspNetCore.Projecting;
using Millrace.AspNetCore.Recovering;
using Millrace.AspNetCore.Reporting;
using Millrace.AspNetCore.Retention;
using Millrace.AspNetCore.Scaling;
using Millrace.AspNetCore.Scheduling;
using Millrace.AspNetCore.Sql;
using Millrace.AspNetCore.Streams;
using Millrace.AspNetCore.Tuning;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps commands, queries and health to routes.</summary>
/// <remarks>
/// Commands are read from the JSON body, and queries from the query string. Route values override both. Errors are
/// ProblemDetails with an extra member <c>error</c>: 400 for malformed requests, 401 and 403, 404, 409 for conflicts,
/// 422 with the invariant's name, and 503 with <c>Retry-After</c> if the store is busy.
/// </remarks>
public static class MillraceEndpointExtensions
{
    private const string Json = "application/json";
    private const DynamicallyAccessedMemberTypes Interfaces = DynamicallyAccessedMemberTypes.Interfaces;

    /// <summary>
    /// Maps a command to POST. The response is 200 with the answer, or 204 without one. Its consistency token is in the
    /// header <c>Millrace-Token</c>.
    /// </summary>
    /// <exception cref="ArgumentException">The type is not a command.</exception>
    /// <exception cref="HandlerNotFoundException">No handler is registered for the command.</exception>
    public static IEndpointConventionBuilder MapCommand<[DynamicallyAccessedMembers(Interfaces)] TCommand>(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern)
        where TCommand : notnull => endpoints.MapCommand<TCommand>(pattern, _ => { });

    /// <summary>Maps a command to PUT.</summary>
    /// <inheritdoc cref="MapCommand{TCommand}(IEndpointRouteBuilder, string)"/>
    public static IEndpointConventionBuilder MapPutCommand<[DynamicallyAccessedMembers(Interfaces)] TCommand>(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern)
        where TCommand : notnull =>
        endpoints.MapCommand<TCommand>(pattern, options => options.Method = HttpMethods.Put);

    /// <summary>Maps a command to DELETE, without a body.</summary>
    /// <inheritdoc cref="MapCommand{TCommand}(IEndpointRouteBuilder, string)"/>
    public static IEndpointConventionBuilder MapDeleteCommand<[DynamicallyAccessedMembers(Interfaces)] TCommand>(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern)
        where TCommand : notnull =>
        endpoints.MapCommand<TCommand>(pattern, options => options.Method = HttpMethods.Delete);

    /// <summary>Maps a command with options.</summary>
    /// <exception cref="ArgumentException">The type is not a command.</exception>
    /// <exception cref="HandlerNotFoundException">No handler is registered for the command.</exception>
    /// <exception cref="InvalidOperationException">The model has no JSON metadata for the command or its
    /// answer.</exception>
    public static IEndpointConventionBuilder MapCommand<[DynamicallyAccessedMembers(Interfaces)] TCommand>(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern,
        Action<CommandEndpointOptions<TCommand>> configure)
        where TCommand : notnull
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new CommandEndpointOptions<TCommand>();
        configure(options);
        EndpointAccess.RequireRegistration(endpoints.ServiceProvider);
        var model = RegisteredModel.Of(endpoints.ServiceProvider);
        var definition = model.FindCommand(typeof(TCommand)) ?? throw NotFound(typeof(TCommand), typeof(ICommand<>));
        var endpoint = new CommandEndpoint<TCommand>(definition, model, options);
        RequestDelegate handle = endpoint.Handle;
        var answer = definition.ResultType == typeof(Nothing) ? null : definition.ResultType;
        var hasBody = !HttpMethods.IsDelete(options.Method);
        var mapped = endpoints.MapMethods(pattern, [options.Method], handle)
            .WithMetadata(handle.Method)
            .WithName(definition.Name)
            .WithDisplayName($"{options.Method} {pattern} → {definition.Name}")
            .WithMetadata(AnswerOf(answer, endpoint.Status))
            .Describe(typeof(TCommand), new MessageOperation(endpoint.Reader, answer, isCommand: true, hasBody));
        return hasBody ? mapped.WithMetadata(new AcceptsMetadata([Json], typeof(TCommand))) : mapped;
    }

    /// <summary>
    /// Maps a query to GET. The response is 200 with the answer, or 404 if it is null. The query waits until it
    /// reflects the token in the header <c>Millrace-Token</c> or in <c>?after=</c>: for 5 seconds by default, set by
    /// <c>?wait=00:00:02</c>, at most 30 seconds. The header <c>Millrace-Fresh</c> reports whether the answer reflects
    /// the token.
    /// </summary>
    /// <exception cref="ArgumentException">The type is not a query.</exception>
    /// <exception cref="HandlerNotFoundException">No handler is registered for the query.</exception>
    /// <exception cref="InvalidOperationException">The model has no JSON metadata for the query or its
    /// answer.</exception>
    public static IEndpointConventionBuilder MapQuery<[DynamicallyAccessedMembers(Interfaces)] TQuery>(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern)
        where TQuery : notnull
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        EndpointAccess.RequireRegistration(endpoints.ServiceProvider);
        var model = RegisteredModel.Of(endpoints.ServiceProvider);
        var definition = model.FindQuery(typeof(TQuery)) ?? throw NotFound(typeof(TQuery), typeof(IQuery<>));
        var endpoint = new QueryEndpoint(definition, model);
        RequestDelegate handle = endpoint.Handle;
        return endpoints.MapMethods(pattern, [HttpMethods.Get], handle)
            .WithMetadata(handle.Method)
            .WithName(definition.Name)
            .WithDisplayName($"GET {pattern} → {definition.Name}")
            .WithMetadata(new ProducesResponseTypeMetadata(200, definition.ResultType, [Json]))
            .Describe(
                typeof(TQuery),
                new MessageOperation(endpoint.Reader, definition.ResultType, isCommand: false, hasBody: false));
    }

    /// <summary>
    /// Maps <c>/health</c>, which is public. The response is 200 if the store can be read and written, and otherwise
    /// 503.
    /// </summary>
    public static IEndpointConventionBuilder MapMillrace(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        RequestDelegate handle = HealthEndpoint.Handle;
        return endpoints
            .MapMethods("/health", [HttpMethods.Get], handle)
            .WithDisplayName("GET /health")
            .AllowAnonymous();
    }

    /// <summary>
    /// Maps <c>/health</c> and the routes for operators, which require an authorization policy. They show dead letters,
    /// read models, consumers, transports, timers, schedules, processes, streams and explanations of values. Decisions
    /// about them must be allowed in the options.
    /// </summary>
    /// <exception cref="InvalidOperationException">The options have no policy, and the application has no access
    /// control.</exception>
    public static IEndpointConventionBuilder MapMillrace(
        this IEndpointRouteBuilder endpoints, Action<MillraceEndpointOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new MillraceEndpointOptions();
        configure(options);
        var hasAccessControl = EndpointAccess.RequireRegistration(endpoints.ServiceProvider);
        if (string.IsNullOrWhiteSpace(options.OperatorPolicy) && !hasAccessControl)
        {
            throw new InvalidOperationException(
                "MapMillrace: set OperatorPolicy to the authorization policy that operators must meet, or call it "
                    + "without options."
            );
        }
        var routes = new OperatorRoutes(endpoints, options);
        OperatorEndpoint.Map(routes.For(OperatorActions.Overview));
        HealthEndpoint.Map(routes.For(OperatorActions.Overview));
        UnmarkedMemberEndpoint.Map(routes.For(OperatorActions.Overview));
        AuditEndpoint.Map(routes.For(OperatorActions.Audit));
        DeadLetterEndpoints.Map(routes.For(OperatorActions.DeadLetters));
        ProjectionEndpoints.Map(routes.For(OperatorActions.Projections));
        ConsumerEndpoints.Map(routes.For(OperatorActions.Consumers));
        TransportEndpoints.Map(routes.For(OperatorActions.Transports));
        SettingsEndpoint.Map(routes.For(OperatorActions.Settings));
        LogLevelEndpoints.Map(routes.For(OperatorActions.Logs));
        AlertEndpoints.Map(routes.For(OperatorActions.Alerts));
        RecoveryEndpoints.Map(routes.For(OperatorActions.Recovery));
        MetricEndpoints.Map(routes.For(OperatorActions.Metrics));
        KpiEndpoints.Map(routes.For(OperatorActions.Kpis));
        KpiMonitorEndpoints.Map(routes.For(OperatorActions.Kpis));
        CapacityEndpoints.Map(routes.For(OperatorActions.Capacity));
        TuningEndpoints.Map(routes.For(OperatorActions.Consumers));
        ReadinessEndpoint.Map(routes.For(OperatorActions.Overview));
        TimerEndpoints.Map(routes.For(OperatorActions.Timers));
        ScheduleEndpoints.Map(routes.For(OperatorActions.Schedules));
        ErasureEndpoints.Map(routes.For(OperatorActions.Erasures));
        ReportEndpoints.Map(routes.For(OperatorActions.Reports));
        RetentionEndpoints.Map(routes.For(OperatorActions.Retention));
        ProcessEndpoints.Map(routes.For(OperatorActions.Processes));
        LiveEndpoint.Map(routes.For(OperatorActions.Overview));
        EventEndpoints.Map(routes.For(OperatorActions.Overview)); // Each event needs the right to read its stream.
        StreamEndpoints.Map(routes); // Each request checks the category of its stream.
        ExplanationEndpoints.Map(routes.For(OperatorActions.Explanations));
        EntityEndpoints.Map(routes.For(OperatorActions.Explanations));
        SqlEndpoint.Map(routes.For(OperatorActions.Sql));
        if (hasAccessControl)
            AccessEndpoints.Map(routes);
        return endpoints.MapMillrace();
    }

    /// <summary>
    /// Returns the exception for a type that cannot be mapped. The type is not a message or has no handler.
    /// </summary>
    private static Exception NotFound([DynamicallyAccessedMembers(Interfaces)] Type message, Type kind)
    {
        if (message.GetInterfaces().Any(face => face.IsGenericType && face.GetGenericTypeDefinition() == kind))
            return new HandlerNotFoundException(message);
        var name =
            kind == typeof(IQuery<>)
                ? "query: it does not implement IQuery<TResult>"
                : "command: it does not implement ICommand";
        return new ArgumentException($"{message.Name} cannot be mapped, because it is not a {name}.");
    }

    private static ProducesResponseTypeMetadata AnswerOf(Type? answer, int status) =>
        answer is null
            ? new ProducesResponseTypeMetadata(status, typeof(void))
            : new ProducesResponseTypeMetadata(status, answer, [Json]);

    /// <summary>
    /// Adds the OpenAPI description. The tag is the bounded context, unless the application sets another one.
    /// </summary>
    private static IEndpointConventionBuilder Describe(
        this IEndpointConventionBuilder endpoint, Type message, MessageOperation operation)
    {
        endpoint.WithMetadata(operation).AddOpenApiOperationTransformer(operation.Describe);
        endpoint.Finally(builder =>
        {
            if (message.Namespace is { } scope && !builder.Metadata.OfType<ITagsMetadata>().Any())
                builder.Metadata.Add(new TagsAttribute(scope[(scope.LastIndexOf('.') + 1)..]));
        });
        return endpoint;
    }
}
