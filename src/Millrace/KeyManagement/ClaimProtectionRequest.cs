namespace Millrace;

/// <summary>A request to replace the plain values of the claims of a scope by keyed hashes.</summary>
/// <param name="Scope">The scope, such as <c>customer-email</c>.</param>
/// <param name="By">The person who requests it; recorded.</param>
/// <param name="Reason">The reason; recorded.</param>
public sealed record ClaimProtectionRequest(string Scope, string By, string Reason)
{
    /// <summary>Gets the tenant of the store; null, the default, for a store without tenants.</summary>
    public string? Tenant { get; init; }
}
