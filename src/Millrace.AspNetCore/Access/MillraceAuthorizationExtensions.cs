using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Millrace;
using Millrace.AspNetCore.Access;
using Millrace.AspNetCore.Auditing;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Connects access control with ASP.NET Core.</summary>
public static class MillraceAuthorizationExtensions
{
    /// <summary>
    /// Gives commands and queries the user of their HTTP request, and adds authorization policies whose names are
    /// permissions: <c>RequireAuthorization("millrace:operate.timers")</c>. Use it with <c>AddAccessControl</c>.
    /// </summary>
    /// <remarks>
    /// A request without an authenticated user is anonymous. It replaces the provider of policies; policies of
    /// <c>AuthorizationOptions</c> remain.
    /// </remarks>
    public static IServiceCollection AddMillraceAuthorization(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddAuthorization();
        services.AddHttpContextAccessor();
        services.TryAddKeyedSingleton<IRequestUser, RequestUserInContext>(IRequestUser.InContext);
        services.TryAddScoped<RequestUser>();
        services.TryAddScoped<IRequestUser>(provider => provider.GetRequiredService<RequestUser>());
        services.TryAddEnumerable(ServiceDescriptor.Transient<IStartupFilter, RequestUserFilter>());
        services.TryAddEnumerable(ServiceDescriptor.Transient<IAuthorizationHandler, AccessRequirementHandler>());
        PolicyAudit.AddTo(services);
        services.Replace(ServiceDescriptor.Transient<IAuthorizationPolicyProvider, AccessPolicyProvider>());
        return services;
    }

    /// <summary>
    /// Requires a permission for an endpoint, such as <c>view customer</c>. A denial is a ProblemDetails response with
    /// the member <c>permission</c>.
    /// </summary>
    /// <param name="builder">The endpoint.</param>
    /// <param name="permission">The permission.</param>
    /// <param name="whileRunning">Whether the connection is aborted when the permission is revoked during the request,
    /// for an endpoint that pushes changes; false by default.</param>
    /// <exception cref="AccessRightException">The permission is not valid.</exception>
    public static TBuilder RequireAccess<TBuilder>(
        this TBuilder builder, string permission, bool whileRunning = false)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        var required = AccessPermission.Parse(permission);
        builder.Add(endpoint =>
        {
            if (!EndpointAccess.RequireRegistration(endpoint.ApplicationServices))
                throw new InvalidOperationException(
                    $"The endpoint {endpoint.DisplayName} requires '{required}', and the application has no access "
                        + "control: call AddAccessControl.");
            var handle = endpoint.RequestDelegate ?? throw new InvalidOperationException(
                $"The endpoint {endpoint.DisplayName} requires '{required}', and has no handler that can be guarded.");
            endpoint.RequestDelegate = new EndpointGuard(handle, required, whileRunning).Handle;
        });
        return builder;
    }
}
