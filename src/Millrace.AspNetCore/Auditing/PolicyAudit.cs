using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Millrace.AspNetCore.Access;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Auditing;

/// <summary>
/// Records requests that an authorization policy of ASP.NET Core denied: of the routes for operators, and of endpoints
/// whose policies are permissions. A status that the endpoint itself returns is no denial by its policy.
/// </summary>
/// <param name="handler">The handler of the application.</param>
/// <param name="repeated">Merges equal denials of callers without a user.</param>
internal sealed partial class PolicyAudit(IAuthorizationMiddlewareResultHandler handler, RepeatedEntries repeated)
    : IAuthorizationMiddlewareResultHandler
{
    /// <summary>Wraps the handler that is registered.</summary>
    public static void AddTo(IServiceCollection services)
    {
        if (services.LastOrDefault(service => service.ServiceType == typeof(IAuthorizationMiddlewareResultHandler)
            && !service.IsKeyedService) is not { } handler || services.Any(IsWrapped))
            return;
        services.Remove(handler);
        services.Add(handler.ImplementationInstance is { } instance
            ? ServiceDescriptor.KeyedSingleton<IAuthorizationMiddlewareResultHandler>(
                typeof(PolicyAudit), (IAuthorizationMiddlewareResultHandler)instance)
            : handler.ImplementationFactory is { } create
                ? new ServiceDescriptor(
                    handler.ServiceType, typeof(PolicyAudit), (provider, _) => create(provider), handler.Lifetime)
                // Not null, because there is neither an instance nor a factory.
                : new ServiceDescriptor(
                    handler.ServiceType, typeof(PolicyAudit), handler.ImplementationType!, handler.Lifetime));
        services.AddTransient<IAuthorizationMiddlewareResultHandler>(provider => new PolicyAudit(
            provider.GetRequiredKeyedService<IAuthorizationMiddlewareResultHandler>(typeof(PolicyAudit)),
            provider.GetRequiredService<RepeatedEntries>()));
        services.TryAddSingleton(provider => new RepeatedEntries(
            provider.GetService<TimeProvider>() ?? TimeProvider.System));

        static bool IsWrapped(ServiceDescriptor service) =>
            service is { IsKeyedService: true, ServiceKey: Type key } && key == typeof(PolicyAudit);
    }

    /// <summary>Checks that no later registration replaces this handler.</summary>
    /// <exception cref="InvalidOperationException">Denials would not be recorded.</exception>
    public static void RequireRegistration(IServiceProvider services)
    {
        using var scope = services.CreateScope();
        if (services.GetService<IServiceProviderIsService>()?.IsService(typeof(IAuditTrail)) == true
            && scope.ServiceProvider.GetService<IAuthorizationMiddlewareResultHandler>() is { } handler
            && handler is not PolicyAudit)
            throw new InvalidOperationException(
                $"The audit trail cannot record denied requests: {handler.GetType().Name} replaces the handler of "
                    + "AddMillraceAuthorization. Register it before AddMillraceAuthorization, which then calls it.");
    }

    /// <inheritdoc/>
    public async Task HandleAsync(
        RequestDelegate next,
        HttpContext context,
        AuthorizationPolicy policy,
        PolicyAuthorizationResult authorizeResult)
    {
        var hasRun = false;
        var endpoint = context.GetEndpoint(); // A handler that shows a page of errors can change it.
        try
        {
            await handler.HandleAsync(Run, context, policy, authorizeResult).ConfigureAwait(false);
        }
        finally // The handler can fail, for example because the client has left.
        {
            if (!authorizeResult.Succeeded && !hasRun && endpoint is not null && PolicyOf(endpoint) is { } name)
                await Record(context, endpoint, name).ConfigureAwait(false);
        }

        Task Run(HttpContext http)
        {
            hasRun = true; // The handler of the application may allow what the policy denies.
            return next(http);
        }
    }

    /// <summary>Returns the policy whose denials are recorded; null if there is none.</summary>
    private static string? PolicyOf(Endpoint endpoint)
    {
        var policies = endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>();
        return policies.FirstOrDefault(static data => AccessPolicyProvider.IsPermission(data.Policy))?.Policy
            ?? (endpoint.Metadata.GetMetadata<AuditedOperator>() is null
                ? null
                : policies.Select(static data => data.Policy).FirstOrDefault(static name => name is not null)
                    ?? "default");
    }

    /// <summary>Returns the method. Other methods than those of the standards are texts of the caller.</summary>
    private static string MethodOf(HttpRequest request)
    {
        var method = HttpMethods.GetCanonicalizedValue(request.Method);
        return HttpMethods.IsGet(method) || HttpMethods.IsPost(method) || HttpMethods.IsPut(method)
            || HttpMethods.IsDelete(method) || HttpMethods.IsPatch(method) || HttpMethods.IsHead(method)
            || HttpMethods.IsOptions(method) || HttpMethods.IsConnect(method) || HttpMethods.IsTrace(method)
                ? method
                : "OTHER";
    }

    private async Task Record(HttpContext http, Endpoint endpoint, string policy)
    {
        var services = http.RequestServices;
        if (services.GetService<IServiceProviderIsService>()?.IsService(typeof(IAuditTrail)) != true
            || !services.GetRequiredService<IOptions<AuditTrailOptions>>().Value.RecordsDenials)
            return;
        var path = http.Request.Path.Value ?? "/";
        var route = endpoint.Metadata.GetMetadata<AuditedOperator>();
        var pattern = (endpoint as RouteEndpoint)?.RoutePattern.RawText ?? endpoint.DisplayName ?? "endpoint";
        var entry = new AuditEntry(
            route?.Action ?? $"http.{MethodOf(http.Request)} {pattern}",
            route?.ResourceOf(path) ?? path,
            AuditResult.Denied)
        {
            User = http.User.Identity?.IsAuthenticated == true ? OperatorRequest.Caller(http) : null,
            Origin = RequestOrigin.Of(http),
            Reason = $"the authorization policy '{policy}' is not met.",
        };
        try
        {
            await RequestEntry
                .RecordDenied(services.GetRequiredService<IAuditTrail>(), entry, http, repeated)
                .ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The caller has its denial. Any failure is logged.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.NotRecorded(
                services.GetRequiredService<ILoggerFactory>().CreateLogger<PolicyAudit>(),
                exception,
                entry.Action);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 14005, Level = LogLevel.Error,
            Message = "The audit trail has no entry of the denied '{Action}': it could not be recorded.")]
        public static partial void NotRecorded(ILogger logger, Exception exception, string action);
    }
}
