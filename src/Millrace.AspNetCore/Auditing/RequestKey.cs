namespace Millrace.AspNetCore.Auditing;

/// <summary>The key of equal requests.</summary>
/// <param name="Tenant">The tenant, to whose audit trail their entries belong; empty without tenants.</param>
/// <param name="Hash">The hash of all parts of the request that are equal.</param>
internal readonly record struct RequestKey(string Tenant, Guid Hash);
