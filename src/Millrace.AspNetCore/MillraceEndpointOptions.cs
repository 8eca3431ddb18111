namespace Millrace.AspNetCore;

/// <summary>Options for the HTTP endpoints for operators.</summary>
public sealed class MillraceEndpointOptions
{
    /// <summary>
    /// Gets or sets the authorization policy that operators must satisfy. Required without access control. With access
    /// control (<c>AddAccessControl</c>), each route also needs the permission of its operator action.
    /// </summary>
    public string? OperatorPolicy { get; set; }

    /// <summary>True to allow operators to make decisions; false, the default, to allow only reads.</summary>
    public bool AllowDecisions { get; set; }

    /// <summary>Gets or sets the prefix of the operators' routes; <c>/millrace</c> by default.</summary>
    public string Prefix { get; set; } = "/millrace";

    /// <summary>
    /// Gets or sets the origins of other sites, such as <c>https://ops.example.com</c>, whose pages may send requests
    /// that change something; none by default. A page of another origin is refused, because the browser would send the
    /// cookies of the user with its request.
    /// </summary>
    public IReadOnlyList<string> TrustedOrigins { get; set; } = [];
}
