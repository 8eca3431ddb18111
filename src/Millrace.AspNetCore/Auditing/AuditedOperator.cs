namespace Millrace.AspNetCore.Auditing;

/// <summary>What the audit trail records about a route for operators, also as metadata of its endpoint.</summary>
/// <param name="Action">The action of the audit entry.</param>
/// <param name="Prefix">The prefix of the path, which is not a part of the resource.</param>
internal sealed record AuditedOperator(string Action, string Prefix)
{
    /// <summary>Returns the resource of a request.</summary>
    public string ResourceOf(string path) =>
        path.StartsWith(Prefix, StringComparison.Ordinal) ? path[Prefix.Length..] : path;
}
