namespace Millrace.AspNetCore.Auditing;

/// <summary>Metadata of a route for operators, for the record of requests that a policy denies.</summary>
/// <param name="Action">The action of the audit entry.</param>
/// <param name="Prefix">The prefix of the path, which is not a part of the resource.</param>
internal sealed record AuditedOperator(string Action, string Prefix);
