using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace Millrace.AspNetCore.Access;

/// <summary>Creates the policies whose names are permissions, such as <c>millrace:operate.timers</c>.</summary>
internal sealed class AccessPolicyProvider(IOptions<AuthorizationOptions> options)
    : DefaultAuthorizationPolicyProvider(options)
{
    private const string Prefix = "millrace:";

    /// <summary>Returns whether the name of a policy is a permission.</summary>
    public static bool IsPermission(string? policyName) =>
        policyName?.StartsWith(Prefix, StringComparison.Ordinal) == true;

    // The policy of a name never changes.
    public override bool AllowsCachingPolicies => true;

    /// <exception cref="InvalidOperationException">The name has the prefix, but is not a permission.</exception>
    public override Task<AuthorizationPolicy?> GetPolicyAsync(string policyName)
    {
        ArgumentNullException.ThrowIfNull(policyName);
        if (!IsPermission(policyName))
            return base.GetPolicyAsync(policyName);
        return Task.FromResult<AuthorizationPolicy?>(
            new AuthorizationPolicyBuilder().AddRequirements(new AccessRequirement(PermissionOf(policyName))).Build());
    }

    private static AccessPermission PermissionOf(string policyName)
    {
        var text = policyName[Prefix.Length..];
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        try
        {
            return AccessPermission.Parse(dot < 0 ? text : $"{text[..dot]} {text[(dot + 1)..]}");
        }
        catch (AccessRightException exception)
        {
            throw new InvalidOperationException(
                $"The policy '{policyName}' is not an action and a resource, such as millrace:operate.timers.",
                exception);
        }
    }
}
