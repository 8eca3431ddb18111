using Millrace.Hosting.Access;

namespace Millrace;

/// <summary>Adds access control to an application.</summary>
public static class AccessBuilderExtensions
{
    /// <summary>
    /// Restricts users to what their roles and grants allow: commands, queries, streams, read models with their
    /// members, tenants and operator actions. Everything else is denied. A second call adds to the declared roles. The
    /// service <see cref="AccessControl"/> decides, explains and grants.
    /// </summary>
    /// <remarks>
    /// Code without a user acts for the system and is not restricted. For HTTP requests, also call
    /// <c>AddMillraceAuthorization</c>. The names in rules are checked when the application starts.
    /// </remarks>
    public static MillraceBuilder AddAccessControl(this MillraceBuilder builder, Action<AccessBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        configure(AccessRegistration.GetOrAdd(builder.Services));
        return builder;
    }
}
