using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.AspNetCore.Access;

/// <summary>Checks the permissions of HTTP requests, if the application has access control.</summary>
internal static class EndpointAccess
{
    /// <summary>Returns whether the application has access control.</summary>
    public static bool IsOn(IServiceProvider services) =>
        services.GetService<IServiceProviderIsService>()?.IsService(typeof(AccessControl)) == true;

    /// <summary>
    /// Returns whether the application has access control, and requires that requests then have a user. Without it, a
    /// command that an endpoint sends without a user would act for the system.
    /// </summary>
    /// <exception cref="InvalidOperationException">The application does not call
    /// <c>AddMillraceAuthorization</c>.</exception>
    public static bool RequireRegistration(IServiceProvider services)
    {
        if (!IsOn(services))
            return false;
        if (services.GetRequiredService<IServiceProviderIsService>().IsService(typeof(IRequestUser)))
            return true;
        throw new InvalidOperationException(
            "The application has access control: call builder.Services.AddMillraceAuthorization() before "
                + "builder.Build(), so that requests have a user.");
    }

    /// <summary>Throws if access control is on and the user of the request does not have a permission.</summary>
    /// <exception cref="AccessDeniedException">The permission is missing.</exception>
    public static ValueTask Demand(HttpContext http, AccessPermission permission) =>
        IsOn(http.RequestServices)
            ? http.RequestServices
                .GetRequiredService<AccessControl>()
                .Demand(http.User, permission, http.RequestAborted)
            : ValueTask.CompletedTask;

    /// <summary>Returns whether access control is off, or the user of the request has a permission.</summary>
    public static async ValueTask<bool> Allows(
        HttpContext http, AccessPermission permission, CancellationToken cancellationToken) =>
        !IsOn(http.RequestServices)
        || await http.RequestServices
            .GetRequiredService<AccessControl>()
            .Allows(http.User, permission, cancellationToken)
            .ConfigureAwait(false);

    /// <summary>Returns whether the user of the request may read the values of marked members.</summary>
    public static ValueTask<bool> MayReadPersonalData(HttpContext http) =>
        Allows(http, AccessPermission.Operate(OperatorActions.PersonalData), http.RequestAborted);

    /// <summary>Returns the exception for a missing permission.</summary>
    public static AccessDeniedException Denied(HttpContext http, AccessPermission permission) => new(
        permission.Resource,
        $"the permission '{permission}' is missing.",
        http.User.Identities.Any(identity => identity.IsAuthenticated))
    {
        Permission = permission.ToString(),
    };
}
