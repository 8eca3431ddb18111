using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.AspNetCore.Access;

/// <summary>Decides about policies by the access rules.</summary>
/// <param name="services">The services of the request. Access control belongs to a tenant, which other policies do not
/// need.</param>
internal sealed class AccessRequirementHandler(IServiceProvider services) : AuthorizationHandler<AccessRequirement>
{
    protected override async Task HandleRequirementAsync(
        AuthorizationHandlerContext context, AccessRequirement requirement)
    {
        var http = context.Resource as HttpContext;
        var access = (http?.RequestServices ?? services).GetRequiredService<AccessControl>();
        var isAllowed = await access
            .Allows(context.User, requirement.Permission, http?.RequestAborted ?? CancellationToken.None)
            .ConfigureAwait(false);
        if (isAllowed)
            context.Succeed(requirement);
        else
            context.Fail(
                new AuthorizationFailureReason(this, $"The permission '{requirement.Permission}' is missing."));
    }
}
