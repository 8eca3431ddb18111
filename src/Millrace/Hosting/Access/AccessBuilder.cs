using Millrace.Security;

namespace Millrace;

/// <summary>Declares the roles of an application, and how users have them.</summary>
public sealed class AccessBuilder
{
    /// <summary>The role of callers who are not signed in.</summary>
    public const string Anonymous = AccessSubject.AnonymousRole;

    /// <summary>The role of all users who are signed in.</summary>
    public const string Authenticated = AccessSubject.AuthenticatedRole;

    internal AccessBuilder()
    {
    }

    /// <summary>
    /// Gets or sets the type of the claim with the id of a user; <c>sub</c> by default, also in the form in which
    /// ASP.NET Core renames it.
    /// </summary>
    public string UserIdClaim { get; set; } = AccessClaims.DefaultUserId;

    /// <summary>
    /// Gets or sets the type of the claims with the roles of a user; <c>role</c> by default, also in the form in which
    /// ASP.NET Core renames it.
    /// </summary>
    public string RoleClaim { get; set; } = AccessClaims.DefaultRole;

    /// <summary>
    /// Gets or sets whether every decision reads the end of the log first; false by default. If false, a decision may
    /// use rules that are a few milliseconds old. If true, a revoked right has no effect anywhere after the revocation
    /// returned, and each decision costs a query of the storage.
    /// </summary>
    public bool RequiresCurrentRules { get; set; }

    internal Dictionary<string, RoleBuilder> Roles { get; } = new(StringComparer.Ordinal);

    internal List<(AccessAction Action, string Name)> Names { get; } = [];

    /// <summary>
    /// Declares a role. A second call adds rights. <see cref="Anonymous"/> is the role of callers who are not signed
    /// in, and <see cref="Authenticated"/> of all others.
    /// </summary>
    /// <param name="name">The name, as in the claims of users.</param>
    /// <param name="configure">Adds rights. A role without rights can get rights at run time.</param>
    public AccessBuilder Role(string name, Action<RoleBuilder>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (!Roles.TryGetValue(name, out var role))
            Roles.Add(name, role = new RoleBuilder());
        configure?.Invoke(role);
        return this;
    }

    /// <summary>
    /// Adds names that rules can be about and that the model does not contain, such as categories of streams without an
    /// aggregate, or operator actions of the application.
    /// </summary>
    public AccessBuilder AddNames(AccessAction action, params IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        Names.AddRange(names.Select(name => (action, name)));
        return this;
    }
}
