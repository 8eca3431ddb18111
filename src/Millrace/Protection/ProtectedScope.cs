namespace Millrace.Protection;

/// <summary>A scope of claims whose values are stored as keyed hashes.</summary>
/// <param name="Name">The name of the scope.</param>
/// <param name="SubjectType">The type of the data subject that owns a claim; null if claims have no data
/// subject.</param>
/// <param name="Kind">The kind of data, whose erasure releases the claims.</param>
internal sealed record ProtectedScope(string Name, string? SubjectType, string Kind)
{
    /// <summary>Returns whether the owner of a claim is a data subject, by its name or by its id.</summary>
    public bool IsOwnedBy(string owner, string subject) =>
        SubjectType is not null && (owner == subject || DataSubject.Of(SubjectType, owner) == subject);
}
