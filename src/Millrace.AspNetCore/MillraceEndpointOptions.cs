namespace Millrace.AspNetCore;

/// <summary>Options for the HTTP endpoints for operators.</summary>
public sealed class MillraceEndpointOptions
{
    /// <summary>
    /// Gets or sets the authorization policy that operators must satisfy. Required. Without it, only the health route
    /// is mapped.
    /// </summary>
    public string? OperatorPolicy { get; set; }

    /// <summary>True to allow operators to make decisions; false, the default, to allow only reads.</summary>
    public bool AllowDecisions { get; set; }

    /// <summary>Gets or sets the prefix of the operators' routes; <c>/millrace</c> by default.</summary>
    public string Prefix { get; set; } = "/millrace";
}
